//! Ranges of IP addresses in conditions.

use std::net::IpAddr;

/// Whether an address lies in a range such as `203.0.113.0/24`, or is the one that stands alone.
pub(super) fn is_in(address: &str, range: &str) -> bool {
    let (network, bits) = range.split_once('/').map_or((range, None), |(network, bits)| (network, Some(bits)));
    let (Ok(address), Ok(network)) = (address.parse::<IpAddr>(), network.parse::<IpAddr>()) else { return false };
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (address.to_bits().into(), network.to_bits().into(), 32),
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    let Ok(bits) = bits.map_or(Ok(width), str::parse::<u32>) else { return false };
    let Some(shift) = width.checked_sub(bits) else { return false };
    let prefix = |value: u128| value.checked_shr(shift).unwrap_or(0);
    prefix(address) == prefix(network)
}

/// Whether it is such a range.
pub(super) fn is_range(text: &str) -> bool {
    let (network, bits) = text.split_once('/').map_or((text, None), |(network, bits)| (network, Some(bits)));
    let Ok(network) = network.parse::<IpAddr>() else { return false };
    let width = if network.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u32>().is_ok_and(|bits| bits <= width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        for (address, range, is) in [
            ("127.0.0.1", "127.0.0.0/8", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "0.0.0.0/0", true),
            ("127.0.0.1", "10.0.0.0/8", false),
            ("127.0.0.1", "::/0", false),
            ("2001:db8::1", "2001:db8::/32", true),
            ("2001:db9::1", "2001:db8::/32", false),
            ("127.0.0.1", "127.0.0.0/33", false),
        ] {
            assert_eq!(is_in(address, range), is, "{address} {range}");
        }
        assert!(is_range("10.0.0.0/8") && !is_range("10.0.0.0/33") && !is_range("10.0.0.*"));
    }
}
