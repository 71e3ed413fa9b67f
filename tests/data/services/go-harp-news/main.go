// News of an orchestra: who asks is answered when there is some. Readers follow two wires.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

type board struct {
	mu   sync.Mutex
	next chan struct{}
	last string
}

func (b *board) put(text string) {
	b.mu.Lock()
	b.last = text
	close(b.next)
	b.next = make(chan struct{})
	b.mu.Unlock()
}

func (b *board) wait() string {
	b.mu.Lock()
	next := b.next
	b.mu.Unlock()
	<-next
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.last
}

// wire sends a line now and then, as the agencies do.
func wire(pause time.Duration) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				for n := 0; ; n++ {
					time.Sleep(pause)
					if _, err := fmt.Fprintf(c, "item %d\n", n); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func (b *board) follow(address string) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(c)
	for lines.Scan() {
		b.put(lines.Text())
	}
}

func main() {
	b := &board{next: make(chan struct{})}
	for _, pause := range []time.Duration{700 * time.Millisecond, 900 * time.Millisecond} {
		go b.follow(wire(pause))
	}
	var heard atomic.Int64
	for i := 0; i < 5; i++ {
		go func() {
			for {
				b.wait()
				heard.Add(1)
			}
		}()
	}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /news", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, b.wait(), heard.Load()) })
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
