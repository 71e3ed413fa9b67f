// Goroutines that wait for all kinds of things, and some that never stand still.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"time"
)

type Box[T any] struct {
	mu    sync.Mutex
	items chan T
}

func (b *Box[T]) take() T { return <-b.items }

type Waiter interface{ Wait(string) }
type Desk struct {
	mu sync.Mutex
	rw sync.RWMutex
	wg sync.WaitGroup
	c  *sync.Cond
}

func (d *Desk) Wait(s string) { d.mu.Lock(); fmt.Println(s); d.mu.Unlock() }

func inner(d *Desk) { d.rw.RLock() }
func small(d *Desk) { inner(d) }
func deep(n int, c chan int) int {
	var pad [40]int
	pad[n%40] = n
	if n == 0 {
		return <-c
	}
	return deep(n-1, c) + pad[(n+1)%40]
}

func stir(mu *sync.Mutex) {
	for {
		c := make(chan int)
		go func() { time.Sleep(50 * time.Microsecond); c <- 1 }()
		mu.Lock()
		deep(20, c)
		mu.Unlock()
	}
}

func main() {
	var stirred sync.Mutex
	for i := 0; i < 3; i++ {
		go stir(&stirred)
	}
	d := &Desk{}
	d.c = sync.NewCond(&d.mu)
	d.mu.Lock()
	d.rw.Lock()
	d.wg.Add(1)
	var w Waiter = d
	for i := 0; i < 3; i++ {
		go w.Wait("x")
	}
	b := &Box[string]{items: make(chan string)}
	go b.take()
	go small(d)
	go func() { d.wg.Wait() }()
	go func() { d.rw.Lock() }()
	go deep(30, make(chan int))
	go func() { b.items = nil; time.Sleep(time.Hour) }()
	go func() {
		select {
		case <-time.After(time.Hour):
		case <-make(chan int):
		}
	}()
	go func() { var c2 sync.Mutex; c := sync.NewCond(&c2); c2.Lock(); c.Wait() }()
	go func() { c := make(chan int); c <- 1 }()
	go func() { var c chan int; <-c }()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		c, _ := l.Accept()
		io.ReadAll(c)
	}()
	go func() {
		c, _ := net.Dial("tcp", l.Addr().String())
		func() {
			defer c.Close()
			io.Copy(io.Discard, c)
		}()
	}()
	r, _, _ := os.Pipe()
	go func() { buf := make([]byte, 1); r.Read(buf) }()
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
