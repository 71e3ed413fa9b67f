package main

import (
	"context"
	"errors"
	"math"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

var errNoGauge = errors.New("no such gauge")

type gauge struct {
	mu     sync.Mutex
	offset float64
	levels []float64
}

// Station talks to the gauges over a radio modem that takes a few conversations at a time.
type Station struct {
	names  []string
	gauges map[string]*gauge
	lines  *semaphore.Weighted
}

func NewStation(lines int64) *Station {
	return &Station{gauges: make(map[string]*gauge), lines: semaphore.NewWeighted(lines)}
}

func (s *Station) Add(name string) {
	g := &gauge{}
	for i := 0; i < 24; i++ {
		g.levels = append(g.levels, 2.4+1.7*math.Sin(float64(i+len(s.names))/3.9))
	}
	s.names = append(s.names, name)
	s.gauges[name] = g
}

// Levels fetches the readings of the last hours from a gauge.
func (s *Station) Levels(ctx context.Context, name string) ([]float64, error) {
	g, ok := s.gauges[name]
	if !ok {
		return nil, errNoGauge
	}
	if err := s.lines.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer s.lines.Release(1)
	time.Sleep(4 * time.Millisecond) // modem round trip
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]float64, len(g.levels))
	for i, l := range g.levels {
		out[i] = l + g.offset
	}
	return out, nil
}

// calibrate walks its share of the gauges and settles each one against the reference.
func (s *Station) calibrate(share, of int) {
	for n := share; ; n += of {
		g := s.gauges[s.names[n%len(s.names)]]
		s.lines.Acquire(context.Background(), 1)
		s.settle(g)
		s.lines.Release(1)
	}
}

// settle waits for the float of a gauge to come to rest and notes what it is off by.
func (s *Station) settle(g *gauge) {
	for i := 0; i < 6; i++ {
		time.Sleep(20 * time.Millisecond)
		g.mu.Lock()
		g.offset = g.offset*0.9 + 0.001*float64(i)
		g.mu.Unlock()
	}
}
