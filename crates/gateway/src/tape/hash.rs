//! Numbers that look random and are the same on every machine and in every version.

/// A 64-bit hash of a text and a number (FNV-1a, then SplitMix64's finish).
pub(crate) fn mix(text: &str, number: u64) -> u64 {
    let fnv = text
        .bytes()
        .chain(number.to_le_bytes())
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    finish(fnv)
}

/// The `index`-th number of the stream that `seed` names (SplitMix64).
pub(crate) fn nth(seed: u64, index: u64) -> u64 {
    finish(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// A number as a part of one, `[0, 1)`.
pub(crate) fn unit(number: u64) -> f64 {
    (number >> 11) as f64 / (1_u64 << 53) as f64
}

fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}
