//! Networks, as `10.0.0.0/24`.

use std::fmt;
use std::net::IpAddr;

/// The addresses whose first bits are these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads one; none if it is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits): (IpAddr, u32) = (address.parse().ok()?, bits.parse().ok()?);
        (bits <= width(address)).then_some(Self { address, bits })
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let same_kind = self.address.is_ipv4() == address.is_ipv4();
        let shift = width(address) - self.bits.min(width(address));
        let first = |address: IpAddr| number(address).checked_shr(shift).unwrap_or(0);
        same_kind && first(self.address) == first(address)
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { u32::BITS } else { u128::BITS }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}
