//! Pictures for the shipped codec.

/// A folder with pictures of strokes, `0.png`, …, as the shipped codec can draw them.
pub fn with_pictures(n: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for index in 0..n {
        std::fs::write(folder.path().join(format!("{index}.png")), png(index)).expect("written");
    }
    folder
}

/// A grey PNG of 28×28 pixels without compression: a stroke with soft edges at some angle.
fn png(index: usize) -> Vec<u8> {
    let angle = index as f32 * 0.7;
    let mut raw = Vec::new();
    for y in 0..28u8 {
        raw.push(0);
        for x in 0..28u8 {
            let (x, y) = (f32::from(x) - 13.5, f32::from(y) - 13.5);
            let (along, across) = (x * angle.cos() + y * angle.sin(), y * angle.cos() - x * angle.sin());
            let inside = (2.5 - across.abs()).clamp(0.0, 1.0) * (9.0 - along.abs()).clamp(0.0, 1.0);
            raw.push((255.0 * inside) as u8);
        }
    }
    let mut zlib = vec![0x78, 1, 1];
    zlib.extend((raw.len() as u16).to_le_bytes());
    zlib.extend((!(raw.len() as u16)).to_le_bytes());
    zlib.extend(&raw);
    let (a, b) =
        raw.iter().fold((1u32, 0u32), |(a, b), &x| ((a + u32::from(x)) % 65521, (b + a + u32::from(x)) % 65521));
    zlib.extend((b << 16 | a).to_be_bytes());
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [(b"IHDR", &[0, 0, 0, 28, 0, 0, 0, 28, 8, 0, 0, 0, 0][..]), (b"IDAT", &zlib), (b"IEND", &[])] {
        png.extend((data.len() as u32).to_be_bytes());
        let chunk = [&name[..], data].concat();
        png.extend(&chunk);
        png.extend(crc(&chunk).to_be_bytes());
    }
    png
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
