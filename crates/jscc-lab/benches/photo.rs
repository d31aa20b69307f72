//! Photographs sent and received, beside JPEG in the same run: `cargo bench --bench photo`.
//!
//! Time per megapixel by size, which is level where cost is linear; the ratio is to a JPEG of quality 90, encoded and decoded by
//! `jpeg-encoder` and `jpeg-decoder`.

#[path = "../../../bench/src/machine.rs"]
mod machine;

use jscc_lab::spec::Decoder;
use jscc_photo::Picture;
use jscc_photo::model::SHIPPED;
use jscc_photo::receive::Receiver;
use jscc_photo::send::{Order, Sent, send, usual_symbols};
use jscc_phy::wifi::ScramblerState;
use jscc_phy::wifi::mcs::Format;
use std::hint::black_box;
use std::time::{Duration, Instant};

const SCRAMBLER: ScramblerState = ScramblerState::EXAMPLE;
/// Width and height of the photographs.
const SIZES: [[usize; 2]; 5] = [[192, 128], [384, 256], [768, 512], [1536, 1024], [2048, 1365]];
/// Turns that each takes, the first of them to warm up.
const TURNS: usize = 4;

/// Waves of many lengths, as rich in detail as photographs are.
fn photograph([width, height]: [usize; 2]) -> Picture {
    let wave = |x: f32, y: f32, n: i32| {
        let (length, turn) = (0.7f32.powi(n) * 200.0, 1.7 * n as f32);
        0.8f32.powi(n) * ((x * turn.cos() + y * turn.sin()) / length + turn).sin()
    };
    let pixel = |c: usize, x: usize, y: usize| {
        let sum: f32 = (0..18).map(|n| wave(x as f32 + 9.0 * c as f32, y as f32, n)).sum();
        (0.5 + 0.1 * sum).clamp(0.0, 1.0)
    };
    let places = (0..3).flat_map(|c| (0..height).flat_map(move |y| (0..width).map(move |x| (c, x, y))));
    Picture { width, height, channels: 3, pixels: places.map(|(c, x, y)| pixel(c, x, y)).collect() }
}

fn sent(picture: &Picture) -> Sent {
    let order = Order {
        id: 1,
        snr_db: 15.0,
        margin_db: 3.0,
        symbols: usual_symbols(picture.width, picture.height),
        mtu: 1500,
        format: Format::NonHt,
        scrambler: SCRAMBLER,
        interval_ms: 0,
    };
    send(picture, &order, &SHIPPED).expect("a photograph fits")
}

fn receive(sent: &Sent, decoder: Decoder) -> Picture {
    let mut receiver = Receiver::new(&SHIPPED, SCRAMBLER);
    for (mcs, psdu) in &sent.frames {
        receiver.add(Some(*mcs), psdu.clone());
    }
    decoder.picture(receiver.photograph(1).expect("its base arrived"))
}

fn jpeg(picture: &Picture) -> usize {
    let area = picture.width * picture.height;
    let octets: Vec<u8> =
        (0..area).flat_map(|at| [0, 1, 2].map(|c| (255.0 * picture.pixels[c * area + at]) as u8)).collect();
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    let (width, height) = (picture.width as u16, picture.height as u16);
    encoder.encode(&octets, width, height, jpeg_encoder::ColorType::Rgb).expect("a picture");
    jpeg_decoder::Decoder::new(file.as_slice()).decode().expect("a JPEG").len()
}

/// Median of the turns after the first.
fn time<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut turn = || {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    turn();
    let mut times: Vec<Duration> = (1..TURNS).map(|_| turn()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    println!("{}, {}, {} threads", machine::cpu(), machine::features().join(" "), rayon::current_num_threads());
    println!("ms per megapixel, and times a JPEG encoded and decoded");
    println!("{:>10} {:>12} {:>16} {:>16} {:>10}", "pixels", "send", "receive, closed", "receive, network", "JPEG");
    for size in SIZES {
        let picture = photograph(size);
        let frames = sent(&picture);
        let per_megapixel = |time: Duration| time.as_secs_f64() * 1e9 / (size[0] * size[1]) as f64;
        let peer = per_megapixel(time(|| jpeg(&picture)));
        let all = [
            time(|| sent(&picture)),
            time(|| receive(&frames, Decoder::Closed)),
            time(|| receive(&frames, Decoder::Network)),
        ];
        let shown = all.map(per_megapixel).map(|ms| format!("{ms:.0} ({:.1}x)", ms / peer));
        let name = format!("{}x{}", size[0], size[1]);
        println!("{name:>10} {:>12} {:>16} {:>16} {peer:>10.0}", shown[0], shown[1], shown[2]);
    }
}
