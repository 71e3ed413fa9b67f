// Lamp room of a show mine: lamps and self-rescuers are issued to the people of a shift and taken back at its end.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

type Issue struct {
	Person  string `json:"person"`
	Lamp    int    `json:"lamp"`
	Rescuer int    `json:"rescuer"`
}

type IssueSheet struct {
	Keeper string  `json:"keeper"`
	Issues []Issue `json:"issues"`
}

func (s IssueSheet) check() error {
	if strings.TrimSpace(s.Keeper) == "" {
		return errors.New("keeper is missing")
	}
	if len(s.Issues) == 0 {
		return errors.New("nothing to issue")
	}
	lamps := make(map[int]string, len(s.Issues))
	for _, i := range s.Issues {
		if i.Lamp <= 0 || i.Rescuer <= 0 {
			return fmt.Errorf("%s: lamp and rescuer are needed", i.Person)
		}
		if other, twice := lamps[i.Lamp]; twice {
			return fmt.Errorf("lamp %d goes to both %s and %s", i.Lamp, other, i.Person)
		}
		lamps[i.Lamp] = i.Person
	}
	return nil
}

type Entry struct {
	At     time.Time `json:"at"`
	Shift  string    `json:"shift"`
	Kind   string    `json:"kind"`
	Number int       `json:"number"`
	Person string    `json:"person"`
	Keeper string    `json:"keeper"`
}

// LampBook is what the inspector may ask for: who went down with which lamp. One line is one entry.
type LampBook struct {
	file *os.File
}

func OpenLampBook(folder string) (*LampBook, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(folder, "lamps.book"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	return &LampBook{file: f}, nil
}

func (b *LampBook) Enter(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := b.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("lamp book: %w", err)
	}
	return b.file.Sync()
}

type Below struct {
	mu      sync.Mutex
	persons map[string]map[string]time.Time
}

func (b *Below) add(shift string, people []Issue, at time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	down := b.persons[shift]
	if down == nil {
		down = make(map[string]time.Time)
		b.persons[shift] = down
	}
	for _, p := range people {
		down[p.Person] = at
	}
	return len(down)
}

func (b *Below) list(shift string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	names := make([]string, 0, len(b.persons[shift]))
	for name := range b.persons[shift] {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

type LampRoom struct {
	book  *LampBook
	below *Below
}

func (r *LampRoom) Hand(shift string, sheet IssueSheet) (int, error) {
	now := time.Now().UTC()
	for _, i := range sheet.Issues {
		e := Entry{At: now, Shift: shift, Kind: "lamp", Number: i.Lamp, Person: i.Person, Keeper: sheet.Keeper}
		if err := r.book.Enter(e); err != nil {
			return 0, err
		}
		e.Kind, e.Number = "rescuer", i.Rescuer
		if err := r.book.Enter(e); err != nil {
			return 0, err
		}
	}
	return r.below.add(shift, sheet.Issues, now), nil
}

func (r *LampRoom) handleIssue(w http.ResponseWriter, req *http.Request) {
	var sheet IssueSheet
	if err := json.NewDecoder(http.MaxBytesReader(w, req.Body, 1<<16)).Decode(&sheet); err != nil {
		http.Error(w, "cannot read the sheet", http.StatusBadRequest)
		return
	}
	if err := sheet.check(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	shift := req.PathValue("shift")
	below, err := r.Hand(shift, sheet)
	if err != nil {
		log.Printf("shift %s: %v", shift, err)
		http.Error(w, "the lamp book cannot be written", http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusCreated, map[string]any{"shift": shift, "issued": len(sheet.Issues), "below": below})
}

func (r *LampRoom) handleBelow(w http.ResponseWriter, req *http.Request) {
	answer(w, http.StatusOK, map[string]any{"below": r.below.list(req.PathValue("shift"))})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Print(err)
	}
}

func main() {
	book, err := OpenLampBook("book")
	if err != nil {
		log.Fatal(err)
	}
	room := &LampRoom{book: book, below: &Below{persons: make(map[string]map[string]time.Time)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /shifts/{shift}/issues", room.handleIssue)
	mux.HandleFunc("GET /shifts/{shift}/below", room.handleBelow)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
