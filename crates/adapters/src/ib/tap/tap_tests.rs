use std::time::Duration;

use bellwether::market::Tick;
use ibapi::{contracts::tick_types::TickType, market_data::realtime::TickTypes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);
const GREETING: &[u8] = b"\0\0\0\x06226\0x\0";

/// Field `number` of wire type `kind`, then its content.
fn field(number: u8, kind: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | kind], content].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7F {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn text(number: u8, text: &str) -> Vec<u8> {
    field(number, 2, &[&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat())
}

fn frame(id: i32, fields: &[Vec<u8>]) -> Vec<u8> {
    let body = fields.concat();
    [&u32::try_from(body.len() + 4).unwrap().to_be_bytes()[..], &(id + 200).to_be_bytes(), &body].concat()
}

fn bid(request: u8, price: f64) -> Vec<u8> {
    frame(1, &[field(1, 0, &[request]), field(2, 0, &[1]), field(3, 1, &price.to_le_bytes()), text(4, "300")])
}

/// A tap between a gateway and a library, both of them bare sockets; the greeting has passed.
async fn tapped() -> (Tap, TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tap = Tap::open(&listener.local_addr().unwrap().to_string()).await.unwrap();
    let (mut gateway, _) = listener.accept().await.unwrap();
    let mut library = TcpStream::connect(tap.address()).await.unwrap();
    gateway.write_all(GREETING).await.unwrap();
    expect(&mut library, GREETING).await;
    (tap, gateway, library)
}

async fn expect(library: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    timeout(PATIENCE, library.read_exact(&mut got)).await.unwrap().unwrap();
    assert_eq!(got, bytes);
}

async fn ended(tap: &Tap) -> Ended {
    timeout(PATIENCE, tap.ended().wait_for(Option::is_some)).await.unwrap().unwrap().clone().unwrap()
}

#[tokio::test]
async fn ticks_of_tapped_requests_stay_and_everything_else_passes_unchanged() {
    let (tap, mut gateway, mut library) = tapped().await;
    let tapping = tap.tap(7, 16);
    let notice = frame(4, &[field(1, 0, &[9])]);
    let all = [bid(7, 10.5), bid(8, 20.5), notice.clone(), bid(7, 10.25)].concat();
    // In pieces that respect no frame.
    for piece in all.chunks(11) {
        gateway.write_all(piece).await.unwrap();
        gateway.flush().await.unwrap();
    }
    expect(&mut library, &[bid(8, 20.5), notice].concat()).await;
    let mut ticks = Vec::new();
    while ticks.len() < 2 {
        assert_eq!(timeout(PATIENCE, tapping.lane().next(&mut ticks)).await.unwrap(), 0);
    }
    let prices: Vec<(f64, f64)> = ticks
        .iter()
        .map(|tick| match tick {
            Tapped::Level1(TickTypes::PriceSize(tick)) => {
                assert_eq!((tick.price_tick_type, tick.size_tick_type), (TickType::Bid, TickType::BidSize));
                (tick.price, tick.size)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(prices, [(10.5, 300.0), (10.25, 300.0)]);

    // Nobody taps the request any more: the library gets its ticks.
    drop(tapping);
    gateway.write_all(&bid(7, 11.0)).await.unwrap();
    expect(&mut library, &bid(7, 11.0)).await;
    assert_eq!(tap.passed().frames, 6);

    // And the other way nothing is looked at.
    library.write_all(b"anything").await.unwrap();
    let mut got = [0; 8];
    timeout(PATIENCE, gateway.read_exact(&mut got)).await.unwrap().unwrap();
    assert_eq!(&got, b"anything");
}

#[tokio::test]
async fn a_slow_reader_loses_the_oldest_ticks_and_learns_how_many() {
    let (tap, mut gateway, mut library) = tapped().await;
    let tapping = tap.tap(7, 4);
    let notice = frame(4, &[field(1, 0, &[9])]);
    let ticks: Vec<u8> = (0..10).flat_map(|price| bid(7, f64::from(price))).collect();
    gateway.write_all(&[ticks, notice.clone()].concat()).await.unwrap();
    expect(&mut library, &notice).await;
    let mut ticks = Vec::new();
    assert_eq!(tapping.lane().next(&mut ticks).await, 6);
    assert!(matches!(&ticks[0], Tapped::Level1(TickTypes::PriceSize(tick)) if tick.price == 6.0));
    assert_eq!(ticks.len(), 4);
}

#[tokio::test]
async fn every_kind_of_tick_decodes_and_damaged_ones_go_to_the_library() {
    let tick = |id, fields: &[Vec<u8>]| decode::tick(id, &fields.concat());
    let request = field(1, 0, &[7]);
    let size = tick(2, &[request.clone(), field(2, 0, &[8]), text(3, "1234")]);
    assert!(
        matches!(size, Some((7, Tapped::Level1(TickTypes::Size(it)))) if it.size == 1234.0 && it.tick_type == TickType::Volume)
    );
    let generic = tick(45, &[request.clone(), field(2, 0, &[49]), field(3, 1, &1.0_f64.to_le_bytes())]);
    assert!(matches!(generic, Some((7, Tapped::Level1(TickTypes::Generic(it)))) if it.value == 1.0));
    let string = tick(46, &[request.clone(), field(2, 0, &[45]), text(3, "1700000000")]);
    assert!(matches!(string, Some((7, Tapped::Level1(TickTypes::String(it)))) if it.value == "1700000000"));

    let seconds = field(1, 0, &varint(1_700_000_040));
    let sides = [field(3, 1, &10.0_f64.to_le_bytes()), field(4, 1, &f64::MAX.to_le_bytes()), text(5, "300"), text(6, "0")];
    let inner = [seconds.clone(), sides.concat()].concat();
    let nested = |number, inner: &[u8]| field(number, 2, &[&[u8::try_from(inner.len()).unwrap()], inner].concat());
    let by_tick = tick(99, &[request.clone(), field(2, 0, &[3]), nested(4, &inner)]);
    let Some((7, Tapped::Tick(Tick::BidAsk(quote)))) = by_tick else { panic!("{by_tick:?}") };
    assert_eq!((quote.at.as_second(), quote.bid, quote.ask, quote.bid_size), (1_700_000_040, Some(10.0), None, 300.0));
    let inner = [seconds, field(3, 1, &10.5_f64.to_le_bytes()), text(4, "25"), text(5, "ARCA"), text(6, "I")].concat();
    let attributes = nested(2, &field(2, 0, &[1]));
    let by_tick = tick(99, &[request.clone(), field(2, 0, &[1]), nested(3, &[attributes, inner].concat())]);
    let Some((7, Tapped::Tick(Tick::Trade(trade)))) = by_tick else { panic!("{by_tick:?}") };
    assert_eq!((trade.price, trade.size, &*trade.exchange, &*trade.conditions), (10.5, 25.0, "ARCA", "I"));
    assert!(trade.unreported && !trade.past_limit);

    assert!(tick(1, &[request.clone(), field(3, 1, &[0; 7])]).is_none(), "cut short");
    assert!(tick(2, &[request, text(3, "many")]).is_none(), "no number");
}

#[tokio::test]
async fn bytes_out_of_step_cut_the_connection_and_say_so() {
    // A length that no frame has.
    let (tap, mut gateway, mut library) = tapped().await;
    gateway.write_all(&[bid(8, 1.0), vec![0xFF; 8]].concat()).await.unwrap();
    assert!(matches!(ended(&tap).await, Ended::OutOfStep(detail) if detail.contains("bytes was announced")));
    expect(&mut library, &bid(8, 1.0)).await;
    assert_eq!(timeout(PATIENCE, library.read(&mut [0; 1])).await.unwrap().unwrap(), 0);

    // Messages that the protocol does not have: one is tolerated and dropped, a run is not.
    let (tap, mut gateway, mut library) = tapped().await;
    let stranger = frame(1_999, &[]);
    gateway.write_all(&[stranger.clone(), bid(8, 1.0)].concat()).await.unwrap();
    expect(&mut library, &bid(8, 1.0)).await;
    gateway.write_all(&stranger.repeat(3)).await.unwrap();
    assert!(matches!(ended(&tap).await, Ended::OutOfStep(detail) if detail.contains("does not have")));
    assert_eq!(tap.passed().strangers, 4);
}

#[tokio::test]
async fn either_side_that_ends_ends_the_other() {
    let (tap, gateway, mut library) = tapped().await;
    drop(gateway);
    assert!(matches!(ended(&tap).await, Ended::Gateway(_)));
    assert_eq!(timeout(PATIENCE, library.read(&mut [0; 1])).await.unwrap().unwrap(), 0);

    let (tap, mut gateway, library) = tapped().await;
    drop(library);
    assert_eq!(ended(&tap).await, Ended::Library);
    assert_eq!(timeout(PATIENCE, gateway.read(&mut [0; 1])).await.unwrap().unwrap_or_default(), 0);
}
