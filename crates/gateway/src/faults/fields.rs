//! Where prices, sizes and times are in the bodies of messages, and changing them there.
//!
//! A body is changed field by field on the wire, whatever else it holds; so a message needs a line in the table and no code.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A price.
    Price,
    /// A price as text.
    PriceText,
    /// A size as text.
    Size,
    /// Seconds since the epoch.
    Seconds,
    /// Milliseconds since the epoch.
    Milliseconds,
    /// Text whose meaning depends on the tick type in field 2.
    TickText,
    /// Fields within.
    Within(&'static [(u32, Role)]),
}

use Role::{Milliseconds, Price, PriceText, Seconds, Size, TickText, Within};

type Layout = &'static [(u32, Role)];

const BAR: Layout = &[(2, Price), (3, Price), (4, Price), (5, Price), (6, Size), (7, PriceText)];
const TRADE: Layout = &[(1, Seconds), (3, Price), (4, Size)];
const BID_ASK: Layout = &[(1, Seconds), (3, Price), (4, Price), (5, Size), (6, Size)];
const MIDPOINT: Layout = &[(1, Seconds), (2, Price), (3, Size)];
const BOOK_ROW: Layout = &[(4, Price), (5, Size)];

/// Message id, and the fields of its body.
const LAYOUTS: [(i32, Layout); 16] = [
    (1, &[(3, Price), (4, Size)]),
    (2, &[(3, Size)]),
    (4, &[(2, Milliseconds)]),
    (12, &[(2, Within(BOOK_ROW))]),
    (13, &[(2, Within(BOOK_ROW))]),
    (17, &[(2, Within(BAR))]),
    (46, &[(3, TickText)]),
    (49, &[(1, Seconds)]),
    (50, &[(2, Seconds), (3, Price), (4, Price), (5, Price), (6, Price), (7, Size), (8, PriceText)]),
    (89, &[(2, Within(&[(1, Price), (2, Size)]))]),
    (90, &[(2, Within(BAR))]),
    (96, &[(2, Within(MIDPOINT))]),
    (97, &[(2, Within(BID_ASK))]),
    (98, &[(2, Within(TRADE))]),
    (99, &[(3, Within(TRADE)), (4, Within(BID_ASK)), (5, Within(MIDPOINT))]),
    (109, &[(1, Milliseconds)]),
];

/// A field's content.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Whole(u64),
    Double(f64),
    Text(String),
}

/// What becomes of a field: its role, the tick type seen so far, and its content; `None` leaves it alone.
pub(super) type Edit<'a> = &'a mut dyn FnMut(Role, Option<u64>, &Value) -> Option<Value>;

/// The body with its fields changed; `None` when the message has none to change, or cannot be read.
pub(super) fn edit(id: i32, body: &[u8], edit: Edit<'_>) -> Option<Bytes> {
    let layout = LAYOUTS.iter().find(|(message, _)| *message == id)?.1;
    edit_fields(layout, body, edit)
}

fn edit_fields(layout: Layout, mut body: &[u8], edit: Edit<'_>) -> Option<Bytes> {
    let mut out = BytesMut::with_capacity(body.len() + 16);
    let mut tick_type = None;
    while body.has_remaining() {
        let key = varint(&mut body)?;
        put_varint(&mut out, key);
        let number = u32::try_from(key >> 3).ok()?;
        let role = layout.iter().find(|(field, _)| *field == number).map(|(_, role)| *role);
        match key & 7 {
            0 => {
                let mut value = varint(&mut body)?;
                if number == 2 {
                    tick_type = Some(value);
                }
                if let Some(Value::Whole(new)) = role.and_then(|role| edit(role, tick_type, &Value::Whole(value))) {
                    value = new;
                }
                put_varint(&mut out, value);
            }
            1 => {
                let mut value = f64::from_bits(body.try_get_u64_le().ok()?);
                if let Some(Value::Double(new)) = role.and_then(|role| edit(role, tick_type, &Value::Double(value))) {
                    value = new;
                }
                out.put_u64_le(value.to_bits());
            }
            2 => {
                let length = usize::try_from(varint(&mut body)?).ok()?;
                let (content, rest) = body.split_at_checked(length)?;
                body = rest;
                let new = match role {
                    Some(Within(inner)) => edit_fields(inner, content, edit)?,
                    Some(role) => {
                        let old = Value::Text(String::from_utf8(content.to_vec()).ok()?);
                        match edit(role, tick_type, &old) {
                            Some(Value::Text(new)) => Bytes::from(new),
                            _ => Bytes::copy_from_slice(content),
                        }
                    }
                    None => Bytes::copy_from_slice(content),
                };
                put_varint(&mut out, new.len() as u64);
                out.put(new);
            }
            5 => out.put_u32_le(body.try_get_u32_le().ok()?),
            _ => return None,
        }
    }
    Some(out.freeze())
}

/// The number in field 1, which is the request's id in every message about one.
pub(super) fn request_of(body: &[u8]) -> Option<i32> {
    let mut body = body;
    // Ids are not negative but for errors on no request; those are of no interest here.
    (varint(&mut body)? == 8).then(|| varint(&mut body)).flatten().and_then(|id| i32::try_from(id).ok())
}

fn varint(body: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = body.try_get_u8().ok()?;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn put_varint(out: &mut BytesMut, mut value: u64) {
    while value >= 0x80 {
        out.put_u8((value & 0x7F) as u8 | 0x80);
        value >>= 7;
    }
    out.put_u8(value as u8);
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::proto::{HistoricalBar, HistoricalDataUpdate, TickPrice};

    #[test]
    fn prices_are_found_in_flat_and_nested_messages_and_all_else_stays() {
        let mut double = |role: Role, _: Option<u64>, value: &Value| match (role, value) {
            (Price, Value::Double(price)) => Some(Value::Double(price * 2.0)),
            (Size, Value::Text(size)) => Some(Value::Text(format!("{size}0"))),
            _ => None,
        };
        let tick =
            TickPrice { req_id: Some(7), tick: Some(4), price: Some(1.5), size: Some("3".to_owned()), attributes: Some(1) };
        let changed = edit(1, &tick.encode_to_vec(), &mut double).unwrap();
        let expected = TickPrice { price: Some(3.0), size: Some("30".to_owned()), ..tick.clone() };
        assert_eq!(TickPrice::decode(changed).unwrap(), expected);
        assert_eq!(request_of(&tick.encode_to_vec()), Some(7));

        let bar = HistoricalBar {
            date: Some("1767625200".to_owned()),
            open: Some(1.0),
            high: Some(2.0),
            low: Some(0.5),
            close: Some(1.5),
            volume: Some("10".to_owned()),
            wap: Some("1.2".to_owned()),
            count: Some(-1),
        };
        let update = HistoricalDataUpdate { req_id: Some(1_500_000_000), bar: Some(bar.clone()) };
        let changed = HistoricalDataUpdate::decode(edit(90, &update.encode_to_vec(), &mut double).unwrap()).unwrap();
        let expected = HistoricalBar {
            open: Some(2.0),
            high: Some(4.0),
            low: Some(1.0),
            close: Some(3.0),
            volume: Some("100".to_owned()),
            ..bar
        };
        assert_eq!(changed.bar, Some(expected));
        assert_eq!(request_of(&update.encode_to_vec()), Some(1_500_000_000));
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let mut nothing = |_: Role, _: Option<u64>, _: &Value| None;
        assert_eq!(edit(1, &[0x0A, 99, 1], &mut nothing), None);
        assert_eq!(edit(9, &[8, 1], &mut nothing), None);
        assert_eq!(request_of(&[0x12, 1]), None);
    }
}
