//! Byte order of the capturing machine.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub fn u16(self, bytes: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        }
    }

    pub fn u32(self, bytes: [u8; 4]) -> u32 {
        match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        }
    }

    /// The word at `at`.
    ///
    /// # Panics
    /// If the bytes end before the word.
    pub fn word(self, bytes: &[u8], at: usize) -> u32 {
        self.u32(*bytes[at..].first_chunk().expect("a word"))
    }
}
