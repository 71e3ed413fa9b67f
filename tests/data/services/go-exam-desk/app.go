// Exam desk: takes the answer sheets of candidates during a sitting and tells the hall how far everyone is.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

type Answer struct {
	Question int       `json:"question"`
	Text     string    `json:"text"`
	Words    int       `json:"words"`
	At       time.Time `json:"at"`
}

// Vault keeps every answer as a file of its own, below the sitting and the candidate.
type Vault struct {
	root string
	next atomic.Int64
}

func openVault(root string) (*Vault, error) {
	if err := os.MkdirAll(root, 0o750); err != nil {
		return nil, err
	}
	return &Vault{root: root}, nil
}

func (v *Vault) folder(sitting, candidate string) string {
	return filepath.Join(v.root, sitting, candidate)
}

// replace puts content under name so that a reader sees either the old or the new.
func (v *Vault) replace(dir, name string, content []byte) error {
	temp := filepath.Join(dir, "."+name+"."+strconv.FormatInt(v.next.Add(1), 36))
	f, err := os.OpenFile(temp, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temp, filepath.Join(dir, name))
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return flushDir(dir)
}

func flushDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Save keeps the answers of a candidate.
func (v *Vault) Save(sitting, candidate string, answers []Answer) error {
	dir := v.folder(sitting, candidate)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for _, a := range answers {
		content, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if err := v.replace(dir, fmt.Sprintf("q%02d.json", a.Question), content); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) Load(sitting, candidate string) ([]Answer, error) {
	names, err := filepath.Glob(filepath.Join(v.folder(sitting, candidate), "q*.json"))
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, 0, len(names))
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var a Answer
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, err
		}
		answers = append(answers, a)
	}
	return answers, nil
}

type Sitting struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Questions int    `json:"questions"`
	MaxWords  int    `json:"max_words"`
}

type Desk struct {
	vault    *Vault
	sittings map[string]Sitting
	seats    atomic.Int64
}

// parseSheet reads the plain sheet that the hall's tablets send: "7: text of the answer" on each line.
func parseSheet(r *bufio.Scanner, s Sitting) ([]Answer, error) {
	var answers []Answer
	for r.Scan() {
		line := strings.TrimSpace(r.Text())
		if line == "" {
			continue
		}
		number, text, ok := strings.Cut(line, ":")
		q, err := strconv.Atoi(strings.TrimSpace(number))
		if !ok || err != nil || q < 1 || q > s.Questions {
			return nil, fmt.Errorf("line %q", line)
		}
		words := len(strings.Fields(text))
		if words > s.MaxWords {
			return nil, fmt.Errorf("question %d has %d words", q, words)
		}
		answers = append(answers, Answer{Question: q, Text: strings.TrimSpace(text), Words: words, At: time.Now().UTC()})
	}
	return answers, r.Err()
}

func (d *Desk) handleSheet(w http.ResponseWriter, r *http.Request) {
	s, ok := d.sittings[r.PathValue("sitting")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	candidate := r.Header.Get("X-Candidate")
	if candidate == "" || strings.ContainsAny(candidate, "/.") {
		candidate = fmt.Sprintf("seat-%02d", d.seats.Add(1)%40)
	}
	answers, err := parseSheet(bufio.NewScanner(http.MaxBytesReader(w, r.Body, 1<<18)), s)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	if err := d.vault.Save(s.ID, candidate, answers); err != nil {
		log.Print(err)
		http.Error(w, "not kept", http.StatusInternalServerError)
		return
	}
	reply(w, map[string]any{"candidate": candidate, "kept": len(answers), "of": s.Questions})
}

func (d *Desk) handleCandidate(w http.ResponseWriter, r *http.Request) {
	answers, err := d.vault.Load(r.PathValue("sitting"), r.PathValue("candidate"))
	if err != nil {
		log.Print(err)
		http.Error(w, "not readable", http.StatusInternalServerError)
		return
	}
	words := 0
	for _, a := range answers {
		words += a.Words
	}
	reply(w, map[string]any{"answers": answers, "words": words})
}

func (d *Desk) handleSitting(w http.ResponseWriter, r *http.Request) {
	s, ok := d.sittings[r.PathValue("sitting")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, s)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func main() {
	vault, err := openVault("vault")
	if err != nil {
		log.Fatal(err)
	}
	d := &Desk{vault: vault, sittings: map[string]Sitting{
		"nav-b": {ID: "nav-b", Title: "Coastal navigation B", Questions: 32, MaxWords: 120},
		"first": {ID: "first", Title: "First aid at sea", Questions: 10, MaxWords: 60},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /sittings/{sitting}", d.handleSitting)
	mux.HandleFunc("PUT /sittings/{sitting}/sheet", d.handleSheet)
	mux.HandleFunc("GET /sittings/{sitting}/candidates/{candidate}", d.handleCandidate)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
