//! Senders for frames of 1, 2, … images, each built on first use.

use std::sync::OnceLock;

pub(super) struct Lengths<E> {
    of: Vec<OnceLock<E>>,
}

impl<E> Lengths<E> {
    /// For frames of up to `most` images; `full` sends the longest.
    pub fn new(most: usize, full: E) -> Self {
        let mut of: Vec<OnceLock<E>> = (1..most).map(|_| OnceLock::new()).collect();
        of.push(full.into());
        Self { of }
    }

    /// The sender for this number of images, built by `make` on first use.
    pub fn of(&self, images: usize, make: impl FnOnce() -> E) -> &E {
        self.of[images - 1].get_or_init(make)
    }
}
