use std::collections::HashMap;
use std::fmt::Debug;
trait Price { fn price(&self) -> f64; fn scaled<const N: usize>(&self, by: [f64; N]) -> f64 where Self: Sized { by.iter().sum::<f64>() * self.price() } }
#[derive(Debug, Clone)] struct Order { id: u32, total: f64 }
impl Price for Order { #[inline(never)] fn price(&self) -> f64 { self.total * self.id as f64 } }
impl Order { #[inline(never)] fn new(id: u32) -> Self { Order { id, total: 1.5 } } #[inline(never)] fn visit<F: FnMut(&Order) -> bool>(&self, mut f: F) -> bool { f(self) } }
mod shop { pub mod inner { #[inline(never)] pub fn grouped<T: Clone + std::fmt::Debug, const B: bool>(xs: &[T], f: &dyn Fn(&T) -> u32, raw: *const u8, g: extern "C" fn(i32) -> i32) -> Vec<(u32, T)> { let _ = (B, raw, g); xs.iter().map(|x| (f(x), x.clone())).collect() } } }
extern "C" fn twice(x: i32) -> i32 { x * 2 }
fn größe<T: Debug + ?Sized>(x: &T) -> usize { format!("{:?}", x).len() }
#[inline(never)] fn boxed(v: Vec<Box<dyn Price + Send>>) -> f64 { v.iter().map(|x| x.price()).sum() }
#[inline(never)] fn never_returns(x: &mut Option<Result<(u8,), String>>) -> Option<&mut (u8,)> { x.as_mut().and_then(|r| r.as_mut().ok()) }
fn main() {
    let orders: Vec<Order> = (0..5).map(Order::new).collect();
    let mut m: HashMap<String, Vec<u32>> = HashMap::new();
    for o in &orders { m.entry(format!("k{}", o.id % 2)).or_default().push(o.id); println!("{}", o.visit(|x| x.id > 2)); }
    println!("{:?} {} {}", shop::inner::grouped::<_, true>(&orders, &|o: &Order| o.id, std::ptr::null(), twice), größe(&m), größe("x"));
    println!("{} {}", orders[0].scaled([1.0, 2.0]), boxed(vec![Box::new(orders[1].clone())]));
    let mut r = Some(Ok((3u8,))); println!("{:?}", never_returns(&mut r));
    let t = std::thread::spawn(move || orders.len()); println!("{:?}", t.join().unwrap());
    let mut v = vec![3, 1, 2]; v.sort_by(|a, b| b.cmp(a)); println!("{:?}", v);
}
