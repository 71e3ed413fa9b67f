package main

import (
	"bufio"
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log"
	"math/rand"
	"os"
	"sort"
	"sync"
	"time"
)

type Ticket struct {
	ID       int       `json:"id"`
	At       time.Time `json:"at"`
	Plate    string    `json:"plate"`
	Material string    `json:"material"`
	Gross    int       `json:"gross"`
	Tare     int       `json:"tare"`
	Seal     string    `json:"seal"`
}

func (t Ticket) Net() int { return t.Gross - t.Tare }

// seal chains a ticket to the one before it.
func seal(before string, t Ticket) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("%s|%d|%s|%s|%d", before, t.ID, t.At.Format(time.RFC3339), t.Plate, t.Net())))
	for i := 0; i < 12; i++ {
		sum = sha256.Sum256(sum[:])
	}
	return hex.EncodeToString(sum[:12])
}

type Book struct {
	mu    sync.RWMutex
	sites map[string][]Ticket
	last  int
	dirty bool
}

func NewBook() *Book { return &Book{sites: map[string][]Ticket{}, last: 400000} }

func (b *Book) Len() (n int) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, t := range b.sites {
		n += len(t)
	}
	return n
}

// Load replays a site's tickets of a number of days.
func (b *Book) Load(site string, seed int64, days, aDay int) {
	rnd := rand.New(rand.NewSource(seed))
	materials := []string{"gravel 8/16", "sand 0/2", "rip-rap", "ballast", "limestone dust"}
	day := time.Date(2025, 3, 1, 5, 30, 0, 0, time.UTC)
	for d := 0; d < days; d++ {
		for i := 0; i < aDay; i++ {
			plate := fmt.Sprintf("%c%c%02d %c%c%c", 'A'+rnd.Intn(26), 'A'+rnd.Intn(26), rnd.Intn(100), 'A'+rnd.Intn(26), 'A'+rnd.Intn(26), 'A'+rnd.Intn(26))
			tare := 9000 + rnd.Intn(6000)
			at := day.Add(time.Duration(i*13*3600/aDay) * time.Second)
			b.Add(site, Ticket{At: at, Plate: plate, Material: materials[rnd.Intn(5)], Tare: tare, Gross: tare + 8000 + rnd.Intn(18000)})
		}
		day = day.AddDate(0, 0, 1)
	}
}

func (b *Book) Add(site string, t Ticket) Ticket {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	t.ID = b.last
	before := ""
	if s := b.sites[site]; len(s) > 0 {
		before = s[len(s)-1].Seal
	}
	t.Seal = seal(before, t)
	b.sites[site] = append(b.sites[site], t)
	b.dirty = true
	return t
}

func (b *Book) Day(site string, day time.Time) []Ticket {
	b.mu.RLock()
	all := b.sites[site]
	b.mu.RUnlock()
	from := sort.Search(len(all), func(i int) bool { return !all[i].At.Before(day) })
	end := day.AddDate(0, 0, 1)
	to := from + sort.Search(len(all)-from, func(i int) bool { return !all[from+i].At.Before(end) })
	return all[from:to]
}

func (b *Book) Month(site, month string) map[string]int {
	b.mu.RLock()
	all := b.sites[site]
	b.mu.RUnlock()
	sums := map[string]int{}
	for _, t := range all {
		if t.At.Format("2006-01") == month {
			sums[t.Material] += t.Net()
		}
	}
	return sums
}

// KeepSaved writes what has changed to a file now and then.
func (b *Book) KeepSaved(path string, every time.Duration) {
	for range time.Tick(every) {
		b.mu.Lock()
		dirty := b.dirty
		b.dirty = false
		sites := make(map[string][]Ticket, len(b.sites))
		for name, t := range b.sites {
			sites[name] = t
		}
		b.mu.Unlock()
		if dirty {
			if err := save(path, sites); err != nil {
				log.Print(err)
			}
		}
	}
}

func save(path string, sites map[string][]Ticket) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for _, tickets := range sites {
		for _, t := range tickets {
			_ = binary.Write(w, binary.LittleEndian, []uint32{uint32(t.ID), uint32(t.Gross), uint32(t.Tare), uint32(t.At.Unix())})
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Memo keeps the sums that were asked for last.
type Memo struct {
	mu    sync.Mutex
	max   int
	order *list.List
	items map[string]*list.Element
}

type memoItem struct {
	key  string
	sums map[string]int
}

func NewMemo(max int) *Memo {
	return &Memo{max: max, order: list.New(), items: map[string]*list.Element{}}
}

func (m *Memo) Get(key string, load func() map[string]int) map[string]int {
	m.mu.Lock()
	if e, ok := m.items[key]; ok {
		m.order.MoveToFront(e)
		m.mu.Unlock()
		return e.Value.(*memoItem).sums
	}
	m.mu.Unlock()
	sums := load()
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.items[key]; !ok {
		m.items[key] = m.order.PushFront(&memoItem{key, sums})
		if m.order.Len() > m.max {
			old := m.order.Back()
			m.order.Remove(old)
			delete(m.items, old.Value.(*memoItem).key)
		}
	}
	return sums
}

func (m *Memo) Forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.items[key]; ok {
		m.order.Remove(e)
		delete(m.items, key)
	}
}
