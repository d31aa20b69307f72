//! The shipped weights on a handful of pictures: ideal radio beside an 802.11a frame.

use crate::Error;
use crate::spec::{FramingSpec, InversionSpec, LinkSpec, ReceiveSpec, ReceptionSpec, RoomSpec, WifiSpec};
use crate::sweep::Curve;
use jscc_nn::compute::Compute;
use jscc_phy::wifi::Mcs;

/// SNRs of the demonstration, in dB.
pub const SNR_DB: [f64; 9] = [-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0];

/// Trained on MNIST over ideal AWGN.
const IDEAL: (&str, &[u8]) =
    ("deepjscc-mnist-k48-ideal", include_bytes!("../../../models/deepjscc-mnist-k48-ideal.safetensors"));
/// Trained on MNIST through 802.11a frames at 54 Mb/s.
pub(crate) const WIFI: (&str, &[u8]) =
    ("deepjscc-mnist-k48-wifi54", include_bytes!("../../../models/deepjscc-mnist-k48-wifi54.safetensors"));

/// Ideal AWGN, and 802.11a at 54 Mb/s as a card receives it, aided and unaided.
pub fn curves() -> Result<Vec<Curve>, Error> {
    let wifi = |framing, reception| {
        LinkSpec::Wifi(WifiSpec {
            rate: Mcs::M54,
            inversion: InversionSpec::Trellis,
            framing,
            receive: ReceiveSpec::Bits,
            reception,
            images_per_frame: 10,
            spare: 2,
            room: RoomSpec::Erased,
            silence: 0.0,
        })
    };
    let (aided, unaided) =
        (wifi(FramingSpec::Bare, ReceptionSpec::Aided), wifi(FramingSpec::Mac, ReceptionSpec::Unaided));
    Ok(vec![
        Curve::new("ideal AWGN", IDEAL.0, IDEAL.1, LinkSpec::Ideal, Compute::Cpu)?,
        Curve::new("802.11a 54 Mb/s, bits, aided", WIFI.0, WIFI.1, aided, Compute::Cpu)?,
        Curve::new("802.11a 54 Mb/s, bits, unaided", WIFI.0, WIFI.1, unaided, Compute::Cpu)?,
    ])
}
