package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/panjf2000/ants/v2"
)

type Sluice struct {
	name  string
	gauge net.Conn
	in    *bufio.Reader

	mu     sync.RWMutex
	levels []float64
}

type Canal struct {
	sluices map[string]*Sluice
	order   []*Sluice
}

func newCanal(n int) *Canal {
	c := &Canal{sluices: map[string]*Sluice{}}
	for i := 0; i < n; i++ {
		near, far := net.Pipe()
		go telemeter(far, 3.0+float64(i)/10)
		s := &Sluice{name: "S" + strconv.Itoa(i+1), gauge: near, in: bufio.NewReader(near), levels: []float64{3, 3.1, 3.05}}
		c.sluices[s.name] = s
		c.order = append(c.order, s)
	}
	return c
}

// telemeter stands in for the radio gauge at a sluice, which lets its float settle before it answers.
func telemeter(link net.Conn, level float64) {
	lines := bufio.NewScanner(link)
	for n := 0; lines.Scan(); n++ {
		time.Sleep(300 * time.Millisecond)
		fmt.Fprintf(link, "%.2f\n", level+float64(n%5)/100)
	}
}

func (s *Sluice) poll() {
	s.gauge.SetDeadline(time.Now().Add(3 * time.Second))
	fmt.Fprintln(s.gauge, "LEVEL?")
	text, err := s.in.ReadString('\n')
	if err != nil {
		log.Printf("%s: %v", s.name, err)
		return
	}
	if v, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.levels = append(s.levels, v)
		if len(s.levels) > 48 {
			s.levels = s.levels[1:]
		}
	}
}

func (s *Sluice) forecast(hours int) forecast {
	s.mu.RLock()
	defer s.mu.RUnlock()
	last := s.levels[len(s.levels)-1]
	slope := (last - s.levels[0]) / float64(len(s.levels))
	f := forecast{Sluice: s.name, Level: last, Next: make([]float64, hours)}
	for i := range f.Next {
		f.Next[i] = last + slope*float64(i+1)
	}
	return f
}

// watch keeps the level of a sluice fresh.
func (s *Sluice) watch(ctx context.Context, tasks *ants.Pool) {
	for ctx.Err() == nil {
		polled := make(chan struct{})
		if err := tasks.Submit(func() { defer close(polled); s.poll() }); err != nil {
			log.Printf("%s: %v", s.name, err)
			return
		}
		<-polled
		time.Sleep(50 * time.Millisecond)
	}
}

func (c *Canal) watch(ctx context.Context, tasks *ants.Pool) {
	for _, s := range c.order {
		go s.watch(ctx, tasks)
	}
}
