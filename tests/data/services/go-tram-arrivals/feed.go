package main

import (
	"context"
	"math"
	"math/rand"
	"sync"
	"time"
)

// Position is where a tram is along its line, in meters from the first stop.
type Position struct {
	Tram  int
	Line  int
	At    float64
	Speed float64
	Seen  time.Time
}

// Feed hands the positions of every tick to all that follow it.
type Feed struct {
	mu        sync.Mutex
	followers map[chan []Position]struct{}
	trams     []Position
	lengths   map[int]float64
	rnd       *rand.Rand
}

func NewFeed(lengths map[int]float64, perLine int) *Feed {
	f := &Feed{followers: make(map[chan []Position]struct{}), lengths: lengths, rnd: rand.New(rand.NewSource(11))}
	for line, length := range lengths {
		for k := 0; k < perLine; k++ {
			f.trams = append(f.trams, Position{Tram: line*100 + k, Line: line, At: length * float64(k) / float64(perLine), Speed: 6 + f.rnd.Float64()*5})
		}
	}
	return f
}

func (f *Feed) Follow() (<-chan []Position, func()) {
	ch := make(chan []Position, 2)
	f.mu.Lock()
	f.followers[ch] = struct{}{}
	f.mu.Unlock()
	return ch, func() {
		f.mu.Lock()
		delete(f.followers, ch)
		f.mu.Unlock()
		close(ch)
	}
}

func (f *Feed) step(dt float64) []Position {
	now := time.Now()
	for i := range f.trams {
		t := &f.trams[i]
		t.Speed = math.Min(14, math.Max(3, t.Speed+f.rnd.NormFloat64()*0.4))
		t.At = math.Mod(t.At+t.Speed*dt, f.lengths[t.Line])
		t.Seen = now
	}
	return append([]Position(nil), f.trams...)
}

func (f *Feed) Run(every time.Duration) {
	for range time.Tick(every) {
		f.mu.Lock()
		positions := f.step(every.Seconds())
		for ch := range f.followers {
			select {
			case ch <- positions:
			default:
			}
		}
		f.mu.Unlock()
	}
}

// track is the recent course of the trams of one line.
type track struct {
	line   int
	recent map[int][]Position
}

func (t *track) add(positions []Position) {
	for _, p := range positions {
		if p.Line != t.line {
			continue
		}
		course := append(t.recent[p.Tram], p)
		if len(course) > 120 {
			course = append(course[:0:0], course[len(course)-80:]...)
		}
		t.recent[p.Tram] = course
	}
}

func (t *track) speed(tram int) float64 {
	course := t.recent[tram]
	if len(course) == 0 {
		return 0
	}
	sum := 0.0
	for _, p := range course {
		sum += p.Speed
	}
	return sum / float64(len(course))
}

type eta struct {
	Tram    int     `json:"tram"`
	Meters  float64 `json:"meters"`
	Seconds float64 `json:"seconds"`
}

// watch estimates anew with every tick when the trams of a line come to a stop.
func watch(ctx context.Context, f *Feed, line int, stop, length float64, hist *Courses) <-chan []eta {
	out := make(chan []eta)
	positions, _ := f.Follow()
	go func() {
		t := &track{line: line, recent: hist.Of(line)}
		for now := range positions {
			t.add(now)
			etas := make([]eta, 0, len(t.recent))
			for tram, course := range t.recent {
				ahead := math.Mod(stop-course[len(course)-1].At+length, length)
				etas = append(etas, eta{Tram: tram, Meters: math.Round(ahead), Seconds: math.Round(ahead / t.speed(tram))})
			}
			select {
			case out <- etas:
			case <-ctx.Done():
			}
		}
		close(out)
	}()
	return out
}

// Courses keeps the last positions of every tram, for those who begin to watch.
type Courses struct {
	mu     sync.Mutex
	byLine map[int]*track
}

func (c *Courses) Collect(positions <-chan []Position) {
	for now := range positions {
		c.mu.Lock()
		for _, t := range c.byLine {
			t.add(now)
		}
		c.mu.Unlock()
	}
}

func (c *Courses) Of(line int) map[int][]Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	copied := make(map[int][]Position)
	for tram, course := range c.byLine[line].recent {
		copied[tram] = append([]Position(nil), course...)
	}
	return copied
}
