//! Frames of 1, 2, … images: what sends them is made when it is first needed.

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

    /// What sends so many images, made by `make` the first time.
    pub fn of(&self, images: usize, make: impl FnOnce() -> E) -> &E {
        self.of[images - 1].get_or_init(make)
    }
}
