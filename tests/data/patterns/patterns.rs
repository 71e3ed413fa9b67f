// One costly pattern at a time, or its innocent look-alike: `patterns PATTERN SECONDS`.
use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::time::{Duration, Instant};

#[inline(never)]
fn map_growth(_: &[String]) -> usize {
    let mut all = HashMap::new();
    for i in 0..200_000u64 {
        all.insert(i * 7, i);
    }
    all.len()
}
#[inline(never)]
fn copies(words: &[String]) -> usize {
    (0..20).map(|_| words.to_vec().len()).sum()
}
#[inline(never)]
fn format(words: &[String]) -> usize {
    words.iter().map(|word| format!("{} of {}", word, words.len()).len()).sum()
}
#[inline(never)]
fn sort_in_loop(words: &[String]) -> usize {
    let mut all = words.to_vec();
    for _ in 0..20 {
        all.rotate_left(1200);
        all.sort_by_key(|word| std::cmp::Reverse(word.clone()));
        all.sort();
    }
    all.len()
}
#[inline(never)]
fn membership(words: &[String]) -> usize {
    let mut seen: Vec<&String> = vec![];
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen.len()
}
#[inline(never)]
fn innocent(words: &[String]) -> usize {
    let mut found = 0u64;
    for i in 0..3_000_000u64 {
        found = (found * 31 + black_box(i)) % 1_000_003;
    }
    let seen: HashSet<&String> = words.iter().collect();
    found as usize + words.iter().filter(|word| seen.contains(word)).count()
}

fn main() {
    let words: Vec<String> = (0..3000).map(|i| format!("word{i}")).collect();
    let given: Vec<String> = std::env::args().collect();
    let end = Instant::now() + Duration::from_secs_f64(given[2].parse().unwrap());
    while Instant::now() < end {
        black_box(match given[1].as_str() {
            "map_growth" => map_growth(&words),
            "copies" => copies(&words),
            "format" => format(&words),
            "sort_in_loop" => sort_in_loop(&words),
            "membership" => membership(&words),
            _ => innocent(&words),
        });
    }
}
