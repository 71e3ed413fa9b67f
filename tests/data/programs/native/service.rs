// A program for the recorder's tests: one hot function, one lock held while it sleeps, one wait
// for a channel that is written seldom, one place that allocates. Prints "ready".
use std::hint::black_box;
use std::sync::{mpsc, Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

#[inline(never)]
fn price(items: u64) -> u64 {
    let mut sum: u64 = 1;
    for i in 0..items {
        sum = (sum * 31 + i) % 1000003;
    }
    sum
}

#[inline(never)]
fn reserve(lock: &Mutex<u64>) {
    let mut count = lock.lock().unwrap();
    sleep(Duration::from_millis(5));
    *count += 1;
}

#[inline(never)]
fn receive(from: &mpsc::Receiver<u64>) -> u64 {
    from.recv().unwrap()
}

#[inline(never)]
fn receipt(i: usize) -> Vec<u8> {
    black_box(vec![1; 3000 + i % 7])
}

fn main() {
    let lock = Arc::new(Mutex::new(0));
    let (to, from) = mpsc::channel();
    spawn(|| loop {
        black_box(price(black_box(20_000)));
    });
    for _ in 0..3 {
        let lock = lock.clone();
        spawn(move || loop {
            reserve(&lock);
        });
    }
    spawn(move || loop {
        receive(&from);
    });
    spawn(|| {
        let mut kept = vec![Vec::new(); 256];
        for i in 0.. {
            kept[i % 256] = receipt(i);
            if i % 100 == 0 {
                sleep(Duration::from_millis(1));
            }
        }
    });
    println!("ready");
    for i in 0..3000 {
        // at most five minutes, should a test leave it behind
        sleep(Duration::from_millis(100));
        to.send(i).unwrap();
    }
}
