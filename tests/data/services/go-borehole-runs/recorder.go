package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"github.com/tidwall/wal"
)

type Reading struct {
	Depth float64 `json:"depth" binding:"required,gt=0"`
	Gamma float64 `json:"gamma"`
	Ohm   float64 `json:"ohm"`
}

type Head struct {
	Hole     string    `json:"hole"`
	Run      int       `json:"run"`
	Probe    string    `json:"probe"`
	Operator string    `json:"operator"`
	At       time.Time `json:"at"`
}

// Recorder keeps each run of a probe in a log of its own, so that a run survives whatever happens to the truck.
type Recorder struct {
	dir string

	mu    sync.Mutex
	runs  map[string][]int
	count int
}

func OpenRecorder(dir string) (*Recorder, error) {
	return &Recorder{dir: dir, runs: map[string][]int{}}, os.MkdirAll(dir, 0o755)
}

func (r *Recorder) path(hole string, run int) string {
	return filepath.Join(r.dir, fmt.Sprintf("%s-%06d", hole, run))
}

// begin takes the next number; old runs of the hole make room.
func (r *Recorder) begin(hole string) (run int, old []int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	r.runs[hole] = append(r.runs[hole], r.count)
	if n := len(r.runs[hole]); n > 400 {
		old = append(old, r.runs[hole][:n-400]...)
		r.runs[hole] = append([]int(nil), r.runs[hole][n-400:]...)
	}
	return r.count, old
}

func (r *Recorder) Runs(hole string) []int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]int(nil), r.runs[hole]...)
}

func (r *Recorder) Record(head Head, readings []Reading) (int, error) {
	run, old := r.begin(head.Hole)
	for _, n := range old {
		os.RemoveAll(r.path(head.Hole, n))
	}
	head.Run = run
	book, err := wal.Open(r.path(head.Hole, run), &wal.Options{SegmentSize: 4 << 20, LogFormat: wal.Binary})
	if err != nil {
		return 0, err
	}
	defer book.Close()
	first, err := json.Marshal(head)
	if err != nil {
		return 0, err
	}
	if err := book.Write(1, first); err != nil {
		return 0, err
	}
	for i, reading := range readings {
		if err := book.Write(uint64(i+2), pack(reading)); err != nil {
			return 0, fmt.Errorf("run %d, reading %d: %w", run, i, err)
		}
	}
	return run, nil
}

func pack(r Reading) []byte {
	out := make([]byte, 0, 24)
	for _, v := range [...]float64{r.Depth, r.Gamma, r.Ohm} {
		out = binary.BigEndian.AppendUint64(out, math.Float64bits(v))
	}
	return out
}

func unpack(b []byte) (r Reading, err error) {
	if len(b) != 24 {
		return r, fmt.Errorf("reading of %d bytes", len(b))
	}
	at := func(i int) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b[8*i:])) }
	return Reading{at(0), at(1), at(2)}, nil
}

// Read gives back a run, from the top of the hole down.
func (r *Recorder) Read(hole string, run int) (Head, []Reading, error) {
	var head Head
	if _, err := os.Stat(r.path(hole, run)); err != nil {
		return head, nil, err
	}
	book, err := wal.Open(r.path(hole, run), nil)
	if err != nil {
		return head, nil, err
	}
	defer book.Close()
	last, err := book.LastIndex()
	if err != nil {
		return head, nil, err
	}
	var out []Reading
	for i := uint64(1); i <= last; i++ {
		data, err := book.Read(i)
		if err != nil {
			return head, nil, err
		}
		if i == 1 {
			if err := json.Unmarshal(data, &head); err != nil {
				return head, nil, err
			}
			continue
		}
		reading, err := unpack(data)
		if err != nil {
			return head, nil, err
		}
		out = append(out, reading)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Depth < out[j].Depth })
	return head, out, nil
}
