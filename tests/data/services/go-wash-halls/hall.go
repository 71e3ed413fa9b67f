package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

var programs = map[string]int{"cotton": 95, "easy care": 60, "wool": 38, "quick": 22, "dry": 50}

var programNames = []string{"cotton", "easy care", "wool", "quick"}

type Machine struct {
	Number  int    `json:"number"`
	Kind    string `json:"kind"`
	Kilos   int    `json:"kilos"`
	Program string `json:"program,omitempty"`
	Left    int    `json:"seconds_left"`
	Cycles  int    `json:"cycles"`
}

type Place struct {
	Number int    `json:"number"`
	Text   string `json:"text"`
	Left   int    `json:"seconds_left"`
	Price  int    `json:"price"`
}

type Board struct {
	Hall   string  `json:"hall"`
	Free   int     `json:"free"`
	Places []Place `json:"places"`
}

// Hall holds the machines of one laundromat; mu guards all of them.
type Hall struct {
	name string

	mu       sync.RWMutex
	machines map[int]*Machine
	busy     int
}

func NewHall(name string, size int) *Hall {
	h := &Hall{name: name, machines: map[int]*Machine{}}
	for n := 1; n <= size; n++ {
		m := &Machine{Number: n, Kind: "washer", Kilos: 6 + n%4*2}
		if n%3 == 0 {
			m.Kind = "dryer"
		}
		h.machines[n] = m
	}
	return h
}

func (m *Machine) run(program string) {
	m.Program, m.Left = program, programs[program]
	m.Cycles++
}

// Machine hands out a copy of one machine.
func (h *Hall) Machine(n int) (Machine, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	m, ok := h.machines[n]
	if !ok {
		return Machine{}, false
	}
	return *m, true
}

// surcharge is what a machine costs more while few others are free.
func (h *Hall) surcharge() int {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.busy*10 > len(h.machines)*8 {
		return 50
	}
	return 0
}

func (h *Hall) price(m *Machine) int {
	base := 300
	if m.Kind == "dryer" {
		base = 150
	}
	return base + m.Kilos*20 + h.surcharge()
}

func describe(m *Machine) string {
	if m.Left == 0 {
		return fmt.Sprintf("%s %d (%d kg) is free", m.Kind, m.Number, m.Kilos)
	}
	return fmt.Sprintf("%s %d: %s, %d min", m.Kind, m.Number, m.Program, (m.Left+59)/60)
}

// Board is what the screen at the door shows.
func (h *Hall) Board(kind string) Board {
	h.mu.RLock()
	defer h.mu.RUnlock()
	b := Board{Hall: h.name}
	for _, m := range h.machines {
		if kind != "" && m.Kind != kind {
			continue
		}
		if m.Left == 0 {
			b.Free++
		}
		b.Places = append(b.Places, Place{Number: m.Number, Text: describe(m), Left: m.Left, Price: h.price(m)})
	}
	slices.SortFunc(b.Places, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Left, y.Left), cmp.Compare(x.Number, y.Number))
	})
	return b
}

func (h *Hall) Start(n int, program string) error {
	if _, ok := programs[program]; !ok {
		return errors.New("no such program")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m, ok := h.machines[n]
	if !ok || m.Left > 0 {
		return errors.New("the machine is not free")
	}
	m.run(program)
	h.busy++
	return nil
}

// follow keeps the machines' clocks up to date with what the controllers send.
func (h *Hall) follow(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for beat := 0; ; beat++ {
		<-ticker.C
		h.advance(beat)
	}
}

func (h *Hall) advance(beat int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = 0
	for n, m := range h.machines {
		if m.Left > 0 && (beat+n)%25 == 0 {
			m.Left--
		} else if m.Left == 0 && (beat+n*31)%401 == 0 {
			m.run(programNames[(beat+n)%len(programNames)])
		}
		if m.Left > 0 {
			h.busy++
		}
	}
}
