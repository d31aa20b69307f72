//! Device that computes the tensors.

use burn::tensor::Device;
use std::fmt;
use std::str::FromStr;

/// A kind of device, chosen at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compute {
    /// All cores of the processor.
    #[default]
    Cpu,
    /// The first NVIDIA GPU; in builds with the feature `cuda`.
    Cuda,
    /// The first GPU that Vulkan, Metal or DirectX finds; in builds with the feature `wgpu`.
    Wgpu,
}

/// Reason why a device is not available.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDevice {
    /// No device has this name.
    #[error("no such device; there are cpu, cuda and wgpu")]
    Unknown,
    /// Its cargo feature is off.
    #[error("this build has no {0}; build with `--features {0}`")]
    NotBuilt(Compute),
    /// The machine has none.
    #[error("no {0} device was found on this machine")]
    NotFound(Compute),
}

impl Compute {
    const ALL: [Self; 3] = [Self::Cpu, Self::Cuda, Self::Wgpu];

    /// Checks that the machine has the device, so that a missing one is reported before the work begins.
    pub fn check(self) -> Result<Self, NoDevice> {
        let found = match self {
            Self::Cpu => true,
            Self::Cuda if !cfg!(feature = "cuda") => return Err(NoDevice::NotBuilt(self)),
            Self::Wgpu if !cfg!(feature = "wgpu") => return Err(NoDevice::NotBuilt(self)),
            Self::Cuda | Self::Wgpu => self.is_there(),
        };
        if found { Ok(self) } else { Err(NoDevice::NotFound(self)) }
    }

    #[cfg(any(feature = "cuda", feature = "wgpu"))]
    fn is_there(self) -> bool {
        use burn::tensor::{DeviceFilter, DeviceType};
        let kind = match self {
            Self::Cpu => return true,
            #[cfg(feature = "cuda")]
            Self::Cuda => DeviceType::Cuda,
            #[cfg(feature = "wgpu")]
            Self::Wgpu => DeviceType::Wgpu,
            #[allow(unreachable_patterns)]
            _ => return false,
        };
        !Device::enumerate(DeviceFilter::new().with(kind)).into_vec().is_empty()
    }

    #[cfg(not(any(feature = "cuda", feature = "wgpu")))]
    fn is_there(self) -> bool {
        self == Self::Cpu
    }

    /// The device in burn.
    pub(crate) fn device(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::cuda(0),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Device::wgpu(burn::tensor::DeviceKind::DefaultDevice),
            #[allow(unreachable_patterns)]
            missing => unreachable!("{missing} was not built; ask check() first"),
        }
    }

    /// Images per pass through a network. Few on the CPU, one such shard per core at a time: their activations stay in
    /// its cache, and their sum does not depend on the number of cores. A GPU takes the whole batch.
    pub(crate) fn shard(self, batch: usize) -> usize {
        match self {
            Self::Cpu => batch.min(16),
            Self::Cuda | Self::Wgpu => batch,
        }
    }
}

impl fmt::Display for Compute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Wgpu => "wgpu",
        })
    }
}

impl FromStr for Compute {
    type Err = NoDevice;

    fn from_str(name: &str) -> Result<Self, NoDevice> {
        let named = Self::ALL.into_iter().find(|kind| kind.to_string() == name);
        named.ok_or(NoDevice::Unknown)?.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_names_and_what_is_missing_is_told() {
        assert_eq!("cpu".parse(), Ok(Compute::Cpu));
        assert_eq!("gpu".parse::<Compute>(), Err(NoDevice::Unknown));
        if !cfg!(feature = "cuda") {
            let why = "cuda".parse::<Compute>().unwrap_err();
            assert!(why.to_string().contains("--features cuda"), "{why}");
        }
    }
}
