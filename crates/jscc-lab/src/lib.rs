//! Experiments: train a codec on a link, deploy it on another, measure, show. The only crate that touches files; it
//! prints nothing and has no command line.
//!
//! | module | content |
//! |---|---|
//! | [`spec`] | an experiment file |
//! | [`data`] | MNIST and its relatives, CIFAR-10, synthetic digits, folders of pictures |
//! | [`runs`] | a training and its folder: checkpoints, log, weights, card |
//! | [`curve`] | a codec on a link |
//! | [`cell`] | codec × link × SNR × seed → a row: the unit of work |
//! | [`sweep`] | curves over SNR, cell by cell |
//! | [`trainings`] | the mean over several trainings of a curve |
//! | [`per`] | packet error rates over SNR |
//! | [`fidelity`] | fidelity of ProxyNet to its link |
//! | [`rivals`] | classical codecs over the same radio: PCA, DCT, JPEG, and linear analog |
//! | [`results`] | rows of JSON with their provenance |
//! | [`pictures`] | pictures sent as frames, and received from recordings and captures |
//! | [`photos`] | photographs likewise, of any size |
//! | [`imitate`] | imitation of any waveform by a frame |
//! | [`demo`] | the shipped weights on a few pictures |
//! | [`metrics`] | MSE, PSNR, SSIM, accuracy, intervals |
//! | [`methods`] | the available methods |
//! | [`claims`] | claims of an experiment file about its curves, decided |
//! | [`figures`], [`report`] | rows and pictures to HTML and PNG |

pub mod cell;
pub mod claims;
pub mod curve;
pub mod data;
pub mod demo;
mod error;
pub mod fidelity;
pub mod figures;
pub mod imitate;
mod input;
pub mod matrix;
pub mod methods;
pub mod metrics;
pub mod per;
pub mod photos;
pub mod pictures;
pub mod report;
pub mod results;
pub mod rivals;
pub mod runs;
pub mod spec;
pub mod sweep;
pub mod trainings;

pub use error::Error;
pub use jscc_nn::compute::Compute;
