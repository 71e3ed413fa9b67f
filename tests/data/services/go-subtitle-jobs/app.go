// Subtitles: cues of a film are translated, wrapped to two lines and checked for reading speed.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gammazero/workerpool"
)

const (
	lineWidth   = 37
	charsASec   = 17.0
	maxCues     = 40
	engineLimit = 4 * time.Second
)

type Cue struct {
	At    float64  `json:"at"`
	Text  string   `json:"text,omitempty"`
	Lines []string `json:"lines,omitempty"`
	Hold  float64  `json:"hold,omitempty"`
}

type Order struct {
	Film string `json:"film"`
	To   string `json:"to"`
	Cues []Cue  `json:"cues"`
}

// Engine is the machine translation service.
type Engine struct {
	url    string
	client *http.Client
}

func (e *Engine) translate(text, to string) (string, error) {
	body, _ := json.Marshal(map[string]string{"text": text, "to": to})
	res, err := e.client.Post(e.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("engine: %s", res.Status)
	}
	var answer struct{ Text string }
	err = json.NewDecoder(res.Body).Decode(&answer)
	return answer.Text, err
}

// Translator lets a number of workers talk to the engine.
type Translator struct {
	engine  *Engine
	workers *workerpool.WorkerPool
	done    struct {
		sync.Mutex
		cues map[string]int
	}
}

func newTranslator(engine *Engine, workers int) *Translator {
	t := &Translator{engine: engine, workers: workerpool.New(workers)}
	t.done.cues = map[string]int{}
	return t
}

// Translate gives the order's cues in the other language.
func (t *Translator) Translate(o Order) ([]Cue, error) {
	cues := make([]Cue, len(o.Cues))
	errs := make([]error, len(o.Cues))
	var pending sync.WaitGroup
	for i, cue := range o.Cues {
		pending.Add(1)
		t.workers.Submit(func() {
			defer pending.Done()
			text, err := t.engine.translate(cue.Text, o.To)
			cues[i], errs[i] = layout(cue.At, text), err
		})
	}
	pending.Wait()
	t.count(o.Film, len(cues))
	return cues, errors.Join(errs...)
}

func (t *Translator) count(film string, n int) {
	t.done.Lock()
	defer t.done.Unlock()
	t.done.cues[film] += n
}

func (t *Translator) Done(film string) int {
	t.done.Lock()
	defer t.done.Unlock()
	return t.done.cues[film]
}

// layout wraps a text and says how long it must be shown.
func layout(at float64, text string) Cue {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > lineWidth {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	lines = append(lines, line)
	return Cue{At: at, Lines: lines, Hold: max(1.1, float64(utf8.RuneCountInString(text))/charsASec)}
}

func overlaps(cues []Cue) []float64 {
	late := []float64{}
	for i := 1; i < len(cues); i++ {
		if cues[i-1].At+cues[i-1].Hold > cues[i].At {
			late = append(late, cues[i].At)
		}
	}
	return late
}

func readOrder(r *http.Request) (o Order, err error) {
	if err = json.NewDecoder(r.Body).Decode(&o); err != nil {
		return o, err
	}
	if o.Film == "" || len(o.To) != 2 || len(o.Cues) == 0 || len(o.Cues) > maxCues {
		return o, errors.New("film, to and 1 to 40 cues are needed")
	}
	return o, nil
}

func routes(t *Translator) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "pong") })
	mux.HandleFunc("POST /cues/translate", func(w http.ResponseWriter, r *http.Request) {
		order, err := readOrder(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		cues, err := t.Translate(order)
		if err != nil {
			log.Print(err)
			http.Error(w, "no translation", http.StatusBadGateway)
			return
		}
		write(w, map[string]any{"film": order.Film, "cues": cues, "overlaps": overlaps(cues)})
	})
	mux.HandleFunc("POST /cues/layout", func(w http.ResponseWriter, r *http.Request) {
		order, err := readOrder(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		for i, cue := range order.Cues {
			order.Cues[i] = layout(cue.At, cue.Text)
		}
		write(w, order.Cues)
	})
	mux.HandleFunc("GET /films/{film}", func(w http.ResponseWriter, r *http.Request) {
		write(w, map[string]any{"film": r.PathValue("film"), "cues": t.Done(r.PathValue("film"))})
	})
	return mux
}

func write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	workers := flag.Int("workers", 4, "how many cues are translated at once")
	flag.Parse()
	if flag.Arg(0) != "serve" {
		log.Fatal("usage: subtitle-jobs [-workers n] serve")
	}
	engine := &Engine{
		url:    "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT") + "/translate",
		client: &http.Client{Timeout: engineLimit, Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), routes(newTranslator(engine, *workers))))
}
