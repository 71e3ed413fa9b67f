// Court records: transcripts of hearings and the words that witnesses say near one another.
package main

import (
	"cmp"
	"encoding/json"
	"log"
	"math/rand"
	"net/http"
	"net/http/pprof"
	"os"
	"slices"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
)

type Word struct {
	Text string
	Stop bool
}

type Utterance struct {
	Speaker string
	Words   []*Word
}

type Transcript struct {
	ID         string
	Utterances []Utterance
}

// Occurrence is one place of a word, with its neighbours.
type Occurrence struct {
	Word    *Word
	Speaker *string
	Turn    *int
	Before  []*Word
	After   []*Word
	Prev    *Occurrence
	Next    *Occurrence
}

type Entry struct {
	Word        *Word
	First, Last *Occurrence
	Near        map[*Word]*Pair
	Count       int
}

type Pair struct {
	A, B  *Word
	Where []*Occurrence
}

type Row struct {
	Word  string `json:"word"`
	Near  string `json:"near"`
	Times int    `json:"times"`
	First int    `json:"first_turn"`
}

func neighbours(words []*Word, from, to int) []*Word {
	from, to = max(from, 0), min(to, len(words))
	if from >= to {
		return nil
	}
	return append(make([]*Word, 0, to-from), words[from:to]...)
}

// occurrences lists all places of a transcript in their order, each linked with the one before of the same word.
func occurrences(t *Transcript, span int) ([]*Occurrence, map[*Word]*Entry) {
	all := []*Occurrence{}
	entries := map[*Word]*Entry{}
	for n, u := range t.Utterances {
		turn, speaker := n+1, u.Speaker
		for i, w := range u.Words {
			o := &Occurrence{Word: w, Speaker: &speaker, Turn: &turn, Before: neighbours(u.Words, i-span, i), After: neighbours(u.Words, i+1, i+1+span)}
			all = append(all, o)
			e := entries[w]
			if e == nil {
				e = &Entry{Word: w, First: o, Near: map[*Word]*Pair{}}
				entries[w] = e
			} else {
				o.Prev, e.Last.Next = e.Last, o
			}
			e.Last = o
			e.Count++
		}
	}
	return all, entries
}

// spoken keeps the places of a speaker's words and gives each its own copy, as the report marks them.
func spoken(all []*Occurrence, speaker string) []*Occurrence {
	kept := []*Occurrence{}
	for _, o := range all {
		if speaker == "" || *o.Speaker == speaker {
			c := *o
			c.Before = append([]*Word(nil), o.Before...)
			c.After = append([]*Word(nil), o.After...)
			kept = append(kept, &c)
		}
	}
	return kept
}

func pairUp(kept []*Occurrence, entries map[*Word]*Entry) {
	for _, o := range kept {
		if o.Word.Stop || len(o.After) == 0 {
			continue
		}
		other := o.After[0]
		e := entries[o.Word]
		p := e.Near[other]
		if p == nil {
			p = &Pair{A: o.Word, B: other}
			e.Near[other] = p
		}
		p.Where = append(p.Where, o)
	}
}

func (t *Transcript) Pairs(speaker string, span, limit int) []Row {
	all, entries := occurrences(t, span)
	kept := spoken(all, speaker)
	pairUp(kept, entries)
	rows := []Row{}
	for _, e := range entries {
		for _, p := range e.Near {
			if len(p.Where) > 6 {
				rows = append(rows, Row{p.A.Text, p.B.Text, len(p.Where), *p.Where[0].Turn})
			}
		}
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(b.Times-a.Times, cmp.Compare(a.Word, b.Word), cmp.Compare(a.Near, b.Near))
	})
	return rows[:min(limit, len(rows))]
}

type Archive struct{ transcripts map[string]*Transcript }

func newArchive() *Archive {
	a := &Archive{transcripts: map[string]*Transcript{}}
	rnd := rand.New(rand.NewSource(23))
	vocabulary := make([]*Word, 700)
	for i := range vocabulary {
		vocabulary[i] = &Word{Text: "w" + strconv.FormatInt(int64(i*7919), 36), Stop: i < 40}
	}
	zipf := rand.NewZipf(rnd, 1.15, 6, uint64(len(vocabulary)-1))
	for id, turns := range map[string]int{"2019-114": 3600, "2021-008": 300, "2022-051": 120} {
		t := &Transcript{ID: id}
		for n := 0; n < turns; n++ {
			u := Utterance{Speaker: []string{"counsel", "witness", "judge"}[rnd.Intn(3)]}
			for i := 0; i < 6+rnd.Intn(24); i++ {
				u.Words = append(u.Words, vocabulary[zipf.Uint64()])
			}
			t.Utterances = append(t.Utterances, u)
		}
		a.transcripts[id] = t
	}
	return a
}

func (a *Archive) pairs(w http.ResponseWriter, r *http.Request) {
	t := a.transcripts[chi.URLParam(r, "id")]
	if t == nil {
		http.NotFound(w, r)
		return
	}
	span, err := strconv.Atoi(r.URL.Query().Get("span"))
	if err != nil || span < 1 || span > 12 {
		span = 5
	}
	reply(w, t.Pairs(r.URL.Query().Get("speaker"), span, 40))
}

func (a *Archive) size(w http.ResponseWriter, r *http.Request) {
	t := a.transcripts[chi.URLParam(r, "id")]
	if t == nil {
		http.NotFound(w, r)
		return
	}
	n := 0
	for _, u := range t.Utterances {
		n += len(u.Words)
	}
	reply(w, map[string]int{"turns": len(t.Utterances), "words": n})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	a := newArchive()
	r := chi.NewRouter()
	r.Use(middleware.Recoverer)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok")) })
	r.Get("/transcripts/{id}", a.size)
	r.Get("/transcripts/{id}/pairs", a.pairs)
	r.HandleFunc("/debug/pprof/profile", pprof.Profile)
	r.HandleFunc("/debug/pprof/*", pprof.Index)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), r))
}
