//! Bounds on layer sizes in configurations, checked on deserialisation so that a few bytes cannot claim all memory.

use serde::{Deserialize, Deserializer, de::Error};

/// Most maps, or values of a vector.
const MOST: usize = 1024;

/// A size from 1 to 1024.
pub fn one<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    checked(usize::deserialize(value)?)
}

/// An odd size from 1 to 1023, of a kernel with a middle.
pub fn odd<'de, D: Deserializer<'de>>(value: D) -> Result<usize, D::Error> {
    let size = one(value)?;
    if size % 2 == 1 { Ok(size) } else { Err(Error::custom(format!("{size} is not odd"))) }
}

/// `N` sizes from 1 to 1024.
pub fn each<'de, D: Deserializer<'de>, const N: usize>(value: D) -> Result<[usize; N], D::Error> {
    let sizes = Vec::<usize>::deserialize(value)?;
    let n = sizes.len();
    let sizes: [usize; N] = sizes.try_into().map_err(|_| Error::custom(format!("has {n} sizes, not {N}")))?;
    sizes.iter().try_for_each(|&size| checked(size).map(|_| ()))?;
    Ok(sizes)
}

fn checked<E: Error>(size: usize) -> Result<usize, E> {
    if (1..=MOST).contains(&size) { Ok(size) } else { Err(E::custom(format!("{size} is not within 1 to {MOST}"))) }
}
