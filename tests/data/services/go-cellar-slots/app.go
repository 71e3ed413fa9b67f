// Private wine cellar: who has which bottles in which slot of the vault. The slots are records of a fixed size in a
// table file that is mapped into memory; the table is the only copy of the stock.
package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/mux"
	"golang.org/x/sys/unix"
)

const (
	slotSize = 256
	slots    = 16384
	pageSize = 4096
)

var errTaken = errors.New("slot is held by another member")

type Slot struct {
	Number  int    `json:"slot"`
	Member  uint32 `json:"member"`
	Bottles uint16 `json:"bottles"`
	Vintage uint16 `json:"vintage"`
	Label   string `json:"label"`
	Moved   int64  `json:"moved"`
}

// Table is the mapped file.
type Table struct {
	data  []byte
	locks [64]sync.Mutex
}

func OpenTable(name string) (*Table, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Truncate(slots * slotSize); err != nil {
		return nil, err
	}
	data, err := unix.Mmap(int(f.Fd()), 0, slots*slotSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", name, err)
	}
	return &Table{data: data}, nil
}

func (t *Table) record(n int) []byte { return t.data[n*slotSize : (n+1)*slotSize] }

func (t *Table) Read(n int) Slot {
	lock := &t.locks[n%len(t.locks)]
	lock.Lock()
	defer lock.Unlock()
	r := t.record(n)
	return Slot{
		Number: n, Member: binary.LittleEndian.Uint32(r[4:]), Bottles: binary.LittleEndian.Uint16(r[8:]),
		Vintage: binary.LittleEndian.Uint16(r[10:]), Moved: int64(binary.LittleEndian.Uint64(r[16:])),
		Label: string(bytes.TrimRight(r[24:], "\x00")),
	}
}

func (t *Table) Write(s Slot) error {
	lock := &t.locks[s.Number%len(t.locks)]
	lock.Lock()
	r := t.record(s.Number)
	clear(r)
	binary.LittleEndian.PutUint32(r[4:], s.Member)
	binary.LittleEndian.PutUint16(r[8:], s.Bottles)
	binary.LittleEndian.PutUint16(r[10:], s.Vintage)
	binary.LittleEndian.PutUint64(r[16:], uint64(s.Moved))
	copy(r[24:], s.Label)
	binary.LittleEndian.PutUint32(r, crc32.ChecksumIEEE(r[4:]))
	lock.Unlock()
	return t.settle(s.Number)
}

// settle returns when the page of a slot is safe.
func (t *Table) settle(n int) error {
	page := n * slotSize / pageSize * pageSize
	return unix.Msync(t.data[page:page+pageSize], unix.MS_SYNC)
}

type Lot struct {
	Label   string `json:"label"`
	Vintage uint16 `json:"vintage"`
	Bottles uint16 `json:"bottles"`
	Slot    int    `json:"slot"`
}

type Delivery struct {
	Member uint32 `json:"member"`
	Lots   []Lot  `json:"lots"`
}

type Cellar struct{ table *Table }

func (c *Cellar) put(member uint32, lot Lot, at time.Time) (Slot, error) {
	if lot.Slot < 0 || lot.Slot >= slots {
		return Slot{}, fmt.Errorf("no slot %d", lot.Slot)
	}
	s := c.table.Read(lot.Slot)
	if s.Member != 0 && s.Member != member {
		return s, errTaken
	}
	if s.Label != lot.Label {
		s.Bottles = 0
	}
	s.Member, s.Label, s.Vintage, s.Moved = member, lot.Label, lot.Vintage, at.Unix()
	s.Bottles = min(s.Bottles+lot.Bottles, 48)
	return s, c.table.Write(s)
}

func (c *Cellar) Receive(w http.ResponseWriter, r *http.Request) {
	var d Delivery
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil || d.Member == 0 {
		http.Error(w, "bad delivery note", http.StatusBadRequest)
		return
	}
	stored := make([]Slot, 0, len(d.Lots))
	for _, lot := range d.Lots {
		s, err := c.put(d.Member, lot, time.Now())
		if errors.Is(err, errTaken) {
			http.Error(w, fmt.Sprintf("%d: %v", lot.Slot, err), http.StatusConflict)
			return
		} else if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		stored = append(stored, s)
	}
	writeJSON(w, map[string]any{"member": d.Member, "stored": stored})
}

func (c *Cellar) Holdings(w http.ResponseWriter, r *http.Request) {
	member, err := strconv.ParseUint(mux.Vars(r)["member"], 10, 32)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	var held []Slot
	for n := range slots {
		if s := c.table.Read(n); s.Member == uint32(member) {
			held = append(held, s)
		}
	}
	writeJSON(w, held)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	table, err := OpenTable("vault.tab")
	if err != nil {
		log.Fatal(err)
	}
	c := &Cellar{table: table}
	r := mux.NewRouter()
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	r.HandleFunc("/deliveries", c.Receive).Methods(http.MethodPost)
	r.HandleFunc("/members/{member:[0-9]+}/slots", c.Holdings).Methods(http.MethodGet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
