package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

var errGateway = errors.New("gateway refused")

type Telegram struct {
	Method string
	Path   string
	Into   any
}

type job struct {
	ctx  context.Context
	t    Telegram
	done chan error
}

// Gateway sends telegrams to the radio gateway at the edge of the field; a fixed crew of senders does it.
type Gateway struct {
	base   string
	client *http.Client
	jobs   chan job
}

func NewGateway(base string, senders int) *Gateway {
	g := &Gateway{
		base: base,
		client: &http.Client{
			Timeout:   5 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: senders},
		},
		jobs: make(chan job, 32),
	}
	for i := 0; i < senders; i++ {
		go g.sender()
	}
	return g
}

func (g *Gateway) sender() {
	for j := range g.jobs {
		if err := j.ctx.Err(); err != nil {
			j.done <- err
			continue
		}
		j.done <- g.transmit(j.ctx, j.t)
	}
}

func (g *Gateway) transmit(ctx context.Context, t Telegram) error {
	req, err := http.NewRequestWithContext(ctx, t.Method, g.base+t.Path, strings.NewReader(""))
	if err != nil {
		return err
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%w: %s", errGateway, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(t.Into)
}

// Send queues a telegram and waits for its answer.
func (g *Gateway) Send(ctx context.Context, t Telegram) error {
	j := job{ctx: ctx, t: t, done: make(chan error, 1)}
	select {
	case g.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	return <-j.done
}

type Probe struct {
	Moisture float64   `json:"moisture"`
	Battery  int       `json:"battery"`
	At       time.Time `json:"at"`
}

// Probes keeps what the moisture probes said last.
type Probes struct {
	mu   sync.RWMutex
	last map[int]Probe
}

func (p *Probes) set(id int, v Probe) {
	p.mu.Lock()
	p.last[id] = v
	p.mu.Unlock()
}

func (p *Probes) Get(id int) (Probe, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	v, ok := p.last[id]
	return v, ok
}

// follow reads a probe again and again.
func (p *Probes) follow(ctx context.Context, g *Gateway, id int, pause time.Duration) {
	for ctx.Err() == nil {
		var v Probe
		if err := g.Send(ctx, Telegram{http.MethodGet, fmt.Sprintf("/probes/%d", id), &v}); err == nil {
			v.At = time.Now().UTC()
			p.set(id, v)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}
