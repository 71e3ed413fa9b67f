// Ovens for rent, kept in the stock system that talks a line protocol.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
)

type Conn struct {
	net.Conn
	rd *bufio.Reader
}

type Pool struct {
	mu   sync.Mutex
	free *sync.Cond
	idle []*Conn
	open int
	max  int
	addr string
}

func NewPool(addr string, max int) *Pool {
	p := &Pool{addr: addr, max: max}
	p.free = sync.NewCond(&p.mu)
	return p
}

func (p *Pool) borrow() (*Conn, error) {
	p.mu.Lock()
	for len(p.idle) == 0 && p.open >= p.max {
		p.free.Wait()
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.open++
	p.mu.Unlock()
	raw, err := net.Dial("tcp", p.addr)
	if err != nil {
		p.mu.Lock()
		p.open--
		p.mu.Unlock()
		return nil, err
	}
	return &Conn{raw, bufio.NewReader(raw)}, nil
}

func (p *Pool) giveBack(c *Conn) {
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	p.free.Signal()
}

func (p *Pool) ask(line string) (string, error) {
	c, err := p.borrow()
	if err != nil {
		return "", err
	}
	defer p.giveBack(c)
	if _, err := fmt.Fprintln(c, line); err != nil {
		return "", err
	}
	answer, err := c.rd.ReadString('\n')
	return strings.TrimSpace(answer), err
}

func main() {
	pool := NewPool("127.0.0.1:"+os.Getenv("UPSTREAM_PORT"), 2)
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/ovens/free", func(w http.ResponseWriter, r *http.Request) {
		n, err := pool.ask("FREE ovens")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		fmt.Fprintln(w, "free:", n)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
