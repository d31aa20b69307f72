//! Octets as hexadecimal digits, two per octet, for printing and parsing PSDUs.

use std::fmt::Write as _;

/// Two digits per octet, in lower case.
pub fn encode(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(2 * octets.len()), |mut hex, octet| {
        write!(hex, "{octet:02x}").expect("a string takes all that is written");
        hex
    })
}

/// The octets of an even number of digits, in either case; `None` for any other text.
pub fn decode(hex: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = hex.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let octet = |&[high, low]: &[u8; 2]| Some((digit(high)? << 4 | digit(low)?) as u8);
    if odd.is_empty() { pairs.iter().map(octet).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_come_back_and_other_texts_are_none() {
        let octets: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&octets)), Some(octets));
        assert_eq!(decode("0aFf"), Some(vec![0x0a, 0xff]));
        for text in ["0", "0g", "0x12", " 12", "é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
