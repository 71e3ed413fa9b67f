// Vocabulary trainer: deals drills of words to learners and takes their answers.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"
)

type Word struct {
	ID      int    `db:"id" json:"id"`
	Term    string `db:"term" json:"term"`
	Meaning string `db:"meaning" json:"meaning"`
	Level   int    `db:"level" json:"level"`
}

type Learner struct {
	ID    int    `db:"id" json:"id"`
	Name  string `db:"name" json:"name"`
	Lang  string `db:"lang" json:"lang"`
	Level int    `db:"level" json:"level"`
}

type Result struct {
	WordID  int       `db:"word_id" json:"word"`
	Correct bool      `db:"correct" json:"correct"`
	At      time.Time `db:"at" json:"at"`
}

type Question struct {
	Word    int      `json:"word"`
	Term    string   `json:"term"`
	Choices []string `json:"choices"`
}

type Drill struct {
	Learner   string     `json:"learner"`
	Lang      string     `json:"lang"`
	Questions []Question `json:"questions"`
	Score     float64    `json:"recent_score"`
}

type Store struct{ db *sqlx.DB }

func (s *Store) Learner(ctx context.Context, id int) (Learner, error) {
	var l Learner
	err := s.db.GetContext(ctx, &l, `SELECT id, name, lang, level FROM learners WHERE id = $1`, id)
	return l, err
}

// Deal picks words that the learner is ready for.
func (s *Store) Deal(ctx context.Context, lang string, level, n int) ([]Word, error) {
	var words []Word
	err := s.db.SelectContext(ctx, &words, `SELECT id, term, meaning, level FROM words
		WHERE lang = $1 AND level <= $2 ORDER BY random() LIMIT $3`, lang, level, n)
	return words, err
}

func (s *Store) Recent(ctx context.Context, learner, n int) ([]Result, error) {
	var results []Result
	err := s.db.SelectContext(ctx, &results, `SELECT word_id, correct, at FROM results WHERE learner_id = $1 ORDER BY at DESC LIMIT $2`, learner, n)
	return results, err
}

func (s *Store) Save(ctx context.Context, learner int, r Result) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO results (learner_id, word_id, correct) VALUES ($1, $2, $3)`, learner, r.WordID, r.Correct)
	return err
}

func score(results []Result) float64 {
	var sum, weight float64
	for i, r := range results {
		w := 1 / float64(1+i)
		weight += w
		if r.Correct {
			sum += w
		}
	}
	if weight == 0 {
		return 0
	}
	return sum / weight
}

// choices are the right meaning and three wrong ones of the same drill.
func choices(words []Word, right int) []string {
	list := []string{words[right].Meaning}
	for _, i := range rand.Perm(len(words)) {
		if len(list) == 4 {
			break
		}
		if i != right {
			list = append(list, words[i].Meaning)
		}
	}
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

type Trainer struct{ store *Store }

func (t *Trainer) drill(ctx context.Context, id, size int) (*Drill, error) {
	learner, err := t.store.Learner(ctx, id)
	if err != nil {
		return nil, err
	}
	recent, err := t.store.Recent(ctx, id, 20)
	if err != nil {
		return nil, err
	}
	words, err := t.store.Deal(ctx, learner.Lang, learner.Level, size)
	if err != nil {
		return nil, err
	}
	d := &Drill{Learner: learner.Name, Lang: learner.Lang, Score: score(recent)}
	for i, w := range words {
		d.Questions = append(d.Questions, Question{Word: w.ID, Term: w.Term, Choices: choices(words, i)})
	}
	return d, nil
}

func (t *Trainer) handleDrill(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	size, err := strconv.Atoi(r.URL.Query().Get("size"))
	if err != nil || size < 4 || size > 50 {
		size = 20
	}
	drill, err := t.drill(r.Context(), id, size)
	reply(w, drill, err)
}

func (t *Trainer) handleResults(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	results, err := t.store.Recent(r.Context(), id, 50)
	reply(w, results, err)
}

func (t *Trainer) handleSave(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.Atoi(r.PathValue("id"))
	var result Result
	if err := json.NewDecoder(r.Body).Decode(&result); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply(w, map[string]bool{"saved": true}, t.store.Save(r.Context(), id, result))
}

func reply(w http.ResponseWriter, v any, err error) {
	switch {
	case errors.Is(err, sql.ErrNoRows):
		http.Error(w, "no such learner", http.StatusNotFound)
	case err != nil:
		slog.Error("store", "err", err)
		http.Error(w, "try again", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
}

func main() {
	db, err := sqlx.Connect("postgres", os.Getenv("DATABASE_URL")+"?sslmode=disable")
	if err != nil {
		slog.Error("database", "err", err)
		os.Exit(1)
	}
	db.SetMaxOpenConns(12)
	db.SetMaxIdleConns(12)
	t := &Trainer{store: &Store{db: db}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /learners/{id}/drill", t.handleDrill)
	mux.HandleFunc("GET /learners/{id}/results", t.handleResults)
	mux.HandleFunc("POST /learners/{id}/results", t.handleSave)
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux); err != nil {
		slog.Error("server", "err", err)
	}
}
