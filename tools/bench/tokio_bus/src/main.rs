//! What tokio's broadcast channel delivers on one thread: `tokio_bus RECEIVERS EVENTS BURST` prints the number received.
//!
//! The counterpart of `tools/bench/bus.py`: a ring of 128, a task for each receiver, a sender that lets them run after each
//! burst. The event has the shape of ours: a number, a time, the name of who sent it, and a body that is shared.

use std::env;
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

const RING: usize = 128;

#[derive(Clone)]
#[allow(dead_code)] // carried, as by the bus that this stands beside; nobody looks inside
struct Event {
    seq: u64,
    time: f64,
    source: &'static str,
    body: Arc<[u8; 32]>,
}

async fn listen(mut receiver: broadcast::Receiver<Event>) -> u64 {
    let mut received = 0;
    loop {
        match receiver.recv().await {
            Ok(_) => received += 1,
            Err(RecvError::Lagged(lost)) => panic!("{lost} events were lost"),
            Err(RecvError::Closed) => return received,
        }
    }
}

async fn run(receivers: usize, events: u64, burst: u64) -> u64 {
    let (sender, _) = broadcast::channel(RING);
    let tasks: Vec<_> = (0..receivers)
        .map(|_| tokio::spawn(listen(sender.subscribe())))
        .collect();
    let body = Arc::new([0; 32]);
    for seq in 0..events {
        let event = Event { seq, time: 0.0, source: "source", body: body.clone() };
        if sender.send(event).is_err() {
            panic!("nobody listens");
        }
        if (seq + 1) % burst == 0 {
            // Every receiver runs before this goes on, and none that stops early can miss an event in silence: it panics.
            tokio::task::yield_now().await;
        }
    }
    drop(sender);
    let mut received = 0;
    for task in tasks {
        received += task.await.expect("a receiver failed");
    }
    received
}

fn main() {
    let given: Vec<u64> = env::args().skip(1).map(|text| text.parse().expect("a number")).collect();
    let [receivers, events, burst] = given[..] else {
        panic!("expected RECEIVERS EVENTS BURST");
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    println!("{}", runtime.block_on(run(receivers as usize, events, burst)));
}
