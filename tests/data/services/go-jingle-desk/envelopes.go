package main

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Envelope is the outline of a clip's loudness, as the desk draws it.
type Envelope struct {
	Peaks    []int16 `json:"peaks"`
	Loudness float64 `json:"loudness"`
	CutIn    int     `json:"cut_in_ms"`
	CutOut   int     `json:"cut_out_ms"`
}

const shards = 16

type shard struct {
	mu      sync.Mutex
	entries *simplelru.LRU[ClipID, *Envelope]
}

// Envelopes keeps outlines that were drawn before. It is split into shards so that desks seldom meet at a lock.
type Envelopes struct {
	parts [shards]*shard
	draw  func(ClipID) (*Envelope, error)
}

func NewEnvelopes(capacity int, draw func(ClipID) (*Envelope, error)) (*Envelopes, error) {
	e := &Envelopes{draw: draw}
	for i := range e.parts {
		entries, err := simplelru.NewLRU[ClipID, *Envelope](capacity/shards, nil)
		if err != nil {
			return nil, err
		}
		e.parts[i] = &shard{entries: entries}
	}
	return e, nil
}

func (e *Envelopes) shardOf(id ClipID) *shard {
	return e.parts[id&(shards-1)]
}

func (e *Envelopes) Of(id ClipID) (*Envelope, error) {
	s := e.shardOf(id)
	s.mu.Lock()
	found, ok := s.entries.Get(id)
	s.mu.Unlock()
	if ok {
		return found, nil
	}
	drawn, err := e.draw(id)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.entries.Add(id, drawn)
	s.mu.Unlock()
	return drawn, nil
}

func (e *Envelopes) Forget(id ClipID) {
	s := e.shardOf(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries.Remove(id)
}
