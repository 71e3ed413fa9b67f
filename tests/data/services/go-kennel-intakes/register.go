package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

type Owner struct {
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Since int    `json:"since"`
}

type lookup struct {
	ctx   context.Context
	chip  string
	owner Owner
	err   error
	done  chan struct{}
}

// Desk asks the chip register on behalf of the handlers.
type Desk struct {
	base    string
	client  *http.Client
	pending chan *lookup
	wg      sync.WaitGroup
}

func NewDesk(base string, workers, backlog int) *Desk {
	d := &Desk{
		base:    base,
		client:  &http.Client{Timeout: 4 * time.Second},
		pending: make(chan *lookup, backlog),
	}
	for i := 0; i < workers; i++ {
		d.wg.Add(1)
		go d.serve()
	}
	return d
}

func (d *Desk) serve() {
	defer d.wg.Done()
	for l := range d.pending {
		if l.err = l.ctx.Err(); l.err == nil {
			l.owner, l.err = d.fetch(l.ctx, l.chip)
		}
		close(l.done)
	}
}

func (d *Desk) fetch(ctx context.Context, chip string) (o Owner, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.base+"/register/"+chip, nil)
	if err != nil {
		return o, err
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return o, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return o, fmt.Errorf("register answered %s", resp.Status)
	}
	return o, json.NewDecoder(resp.Body).Decode(&o)
}

// Owner of the animal that carries the chip.
func (d *Desk) Owner(ctx context.Context, chip string) (Owner, error) {
	l := &lookup{ctx: ctx, chip: chip, done: make(chan struct{})}
	select {
	case d.pending <- l:
	case <-ctx.Done():
		return Owner{}, ctx.Err()
	}
	select {
	case <-l.done:
		return l.owner, l.err
	case <-ctx.Done():
		return Owner{}, ctx.Err()
	}
}

func (d *Desk) Close() {
	close(d.pending)
	d.wg.Wait()
}
