//! A small web server on this machine, with the faults that real ones have.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does with every request.
#[derive(Clone, Debug)]
pub enum Service {
    /// Sends the files of a folder, from the offset asked for.
    Files(PathBuf),
    /// Sends the files of a folder, always whole.
    WholeFiles(PathBuf),
    /// Announces what `Files` does, but hangs up halfway.
    HalfFiles(PathBuf),
    /// Sends this body with status 200 and no length, whatever is asked for.
    Bytes(Vec<u8>),
    /// Announces what `Files` does, and sends a byte now and then.
    DrippingFiles(PathBuf),
    /// Answers with a status line and nothing else.
    Status(&'static str),
}

/// A running server; it ends with the test process.
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<(String, u64)>>>,
}

impl Server {
    pub fn start(service: Service) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/mnist/", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that hangs up is no fault of the server.
                let _ = answer(&stream.unwrap(), &service, &log);
            }
        });
        Self { url, requests }
    }

    /// File and offset of each request since the last call.
    pub fn requests(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn answer(mut stream: &TcpStream, service: &Service, log: &Mutex<Vec<(String, u64)>>) -> std::io::Result<()> {
    let (name, offset) = read_request(stream)?;
    log.lock().unwrap().push((name.clone(), offset));
    let file = |folder: &PathBuf| std::fs::read(folder.join(&name)).unwrap();
    match service {
        Service::Files(folder) => send(stream, &file(folder), offset as usize, usize::MAX),
        Service::WholeFiles(folder) => send(stream, &file(folder), 0, usize::MAX),
        Service::HalfFiles(folder) => {
            let bytes = file(folder);
            send(stream, &bytes, offset as usize, (bytes.len() - offset as usize) / 2)
        }
        Service::DrippingFiles(folder) => {
            let bytes = file(folder);
            send(stream, &bytes, offset as usize, 0)?;
            bytes[offset as usize..].iter().try_for_each(|byte| {
                thread::sleep(Duration::from_millis(50));
                stream.write_all(&[*byte])
            })
        }
        Service::Bytes(bytes) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            stream.write_all(bytes)
        }
        Service::Status(status) => {
            write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        }
    }
}

/// Name of the file and first byte wanted.
fn read_request(stream: &TcpStream) -> std::io::Result<(String, u64)> {
    let (mut name, mut offset) = (String::new(), 0);
    for line in BufReader::new(stream).lines() {
        let line = line?.to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(path) = line.strip_prefix("get /mnist/") {
            name = path.split(' ').next().unwrap().into();
        }
        if let Some(from) = line.strip_prefix("range: bytes=") {
            offset = from.trim_end_matches('-').parse().unwrap();
        }
    }
    Ok((name, offset))
}

/// Announces `bytes` from `start` on and sends at most `limit` of them.
fn send(mut stream: &TcpStream, bytes: &[u8], start: usize, limit: usize) -> std::io::Result<()> {
    let (rest, size) = (&bytes[start..], bytes.len());
    if start == 0 {
        write!(stream, "HTTP/1.1 200 OK\r\n")?;
    } else {
        write!(stream, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {start}-{}/{size}\r\n", size - 1)?;
    }
    write!(stream, "Content-Length: {}\r\nConnection: close\r\n\r\n", rest.len())?;
    stream.write_all(&rest[..limit.min(rest.len())])
}
