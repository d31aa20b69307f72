//! Experiments: train a codec on a link, deploy it on another, measure, show. The only room that touches files; it
//! prints nothing and knows no command line.
//!
//! | module | what it is |
//! |---|---|
//! | [`spec`] | an experiment file |
//! | [`data`] | MNIST, synthetic digits, folders of pictures |
//! | [`runs`] | a training and its folder: checkpoints, log, weights, card |
//! | [`curve`] | a codec on a link |
//! | [`cell`] | codec × link × SNR × seed → a row: the unit of work |
//! | [`sweep`] | curves over SNR, cell by cell |
//! | [`trainings`] | several trainings of a curve as their mean |
//! | [`per`] | packet error rates over SNR |
//! | [`fidelity`] | how well ProxyNet stands in for its link |
//! | [`rivals`] | classical codecs over the same air: PCA, DCT, JPEG, and linear analog |
//! | [`results`] | rows of JSON, each traceable |
//! | [`pictures`] | pictures as frames, and out of recordings and captures again |
//! | [`imitate`] | any wave as the frame that imitates it |
//! | [`demo`] | the shipped weights on a handful of pictures |
//! | [`metrics`] | MSE, PSNR, SSIM, accuracy, intervals |
//! | [`methods`] | the methods that there are |
//! | [`claims`] | what an experiment file claims of its curves, decided |
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
pub mod methods;
pub mod metrics;
pub mod per;
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
