// Notary's office: seals deeds with the key that lies in the signing appliance, and keeps the archive's seals fresh.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panjf2000/ants/v2"
)

const shelves = 16

type Seal struct {
	Deed   string    `json:"deed"`
	Digest string    `json:"digest"`
	Stamp  string    `json:"stamp"`
	At     time.Time `json:"at"`
}

// Appliance is the signing box in the cellar.
type Appliance struct {
	base string
	http *http.Client
}

func (a *Appliance) post(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("appliance: %s", resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

func (a *Appliance) Sign(ctx context.Context, digest string) (string, error) {
	var answer struct{ Stamp string }
	err := a.post(ctx, "/sign", map[string]string{"digest": digest}, &answer)
	return answer.Stamp, err
}

// Countersign adds a fresh time stamp to a seal whose algorithm is about to age out.
func (a *Appliance) Countersign(ctx context.Context, stamp string) (string, error) {
	var answer struct{ Stamp string }
	err := a.post(ctx, "/countersign", map[string]string{"stamp": stamp}, &answer)
	return answer.Stamp, err
}

type Office struct {
	appliance *Appliance
	signers   *ants.Pool

	mu      sync.RWMutex
	archive []Seal
	fresh   atomic.Int64
}

// run has the task done by one of the signers and waits for its end.
func (o *Office) run(ctx context.Context, task func(context.Context) error) error {
	done := make(chan error, 1)
	if err := o.signers.Submit(func() { done <- task(ctx) }); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func digestOf(deed string, text []byte) string {
	h := sha256.New()
	h.Write([]byte(deed))
	h.Write([]byte{0})
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil))
}

func (o *Office) Seal(ctx context.Context, deed string, text []byte) (Seal, error) {
	seal := Seal{Deed: deed, Digest: digestOf(deed, text), At: time.Now().UTC()}
	err := o.run(ctx, func(ctx context.Context) (err error) {
		seal.Stamp, err = o.appliance.Sign(ctx, seal.Digest)
		return err
	})
	if err != nil {
		return Seal{}, fmt.Errorf("deed %s: %w", deed, err)
	}
	return seal, nil
}

func (o *Office) refresh(ctx context.Context, n int) error {
	o.mu.RLock()
	old := o.archive[n]
	o.mu.RUnlock()
	stamp, err := o.appliance.Countersign(ctx, old.Stamp)
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.archive[n].Stamp, o.archive[n].At = stamp, time.Now().UTC()
	o.mu.Unlock()
	o.fresh.Add(1)
	return nil
}

// keepFresh goes round one shelf of the archive for ever, a deed at a time.
func (o *Office) keepFresh(ctx context.Context, shelf, shelves int) {
	pause := time.NewTicker(40 * time.Millisecond)
	defer pause.Stop()
	for n := shelf; ; n = (n + shelves) % len(o.archive) {
		err := o.run(ctx, func(ctx context.Context) error { return o.refresh(ctx, n) })
		if err != nil && !errors.Is(err, context.Canceled) {
			log.Printf("archive %d: %v", n, err)
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

func (o *Office) handleSeal(w http.ResponseWriter, r *http.Request) {
	var deed struct{ Parties, Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&deed); err != nil || deed.Text == "" {
		http.Error(w, "a deed has parties and a text", http.StatusBadRequest)
		return
	}
	seal, err := o.Seal(r.Context(), r.PathValue("number"), []byte(deed.Parties+"\n"+deed.Text))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusCreated)
	answer(w, seal)
}

func (o *Office) handleArchive(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	o.mu.RLock()
	defer o.mu.RUnlock()
	if err != nil || n < 0 || n >= len(o.archive) {
		http.NotFound(w, r)
		return
	}
	answer(w, o.archive[n])
}

func (o *Office) handleStatus(w http.ResponseWriter, r *http.Request) {
	answer(w, map[string]any{"archive": len(o.archive), "refreshed": o.fresh.Load()})
}

func answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}

func main() {
	signers, err := ants.NewPool(6, ants.WithPreAlloc(true))
	if err != nil {
		log.Fatal(err)
	}
	defer signers.Release()
	o := &Office{
		appliance: &Appliance{
			base: "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
			http: &http.Client{Timeout: 8 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}},
		},
		signers: signers,
	}
	for i := range 5000 {
		digest := digestOf(fmt.Sprint("A-", i), nil)
		o.archive = append(o.archive, Seal{Deed: fmt.Sprint("A-", i), Digest: digest, Stamp: digest[:24]})
	}
	for shelf := range shelves {
		go o.keepFresh(context.Background(), shelf, shelves)
	}

	mux := http.NewServeMux()
	mux.HandleFunc("POST /deeds/{number}/seal", o.handleSeal)
	mux.HandleFunc("GET /archive/{n}", o.handleArchive)
	mux.HandleFunc("GET /status", o.handleStatus)
	mux.Handle("/debug/pprof/", http.DefaultServeMux)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
