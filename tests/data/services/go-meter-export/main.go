// Meter readings of a housing association: monthly statements for the accountants.
package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand"
	"net/http"
	_ "net/http/pprof"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"
)

type Flat struct {
	Number  string
	Tenant  string
	Reading [12]float64
}

type Block struct {
	Name  string
	Flats []Flat
}

type Statement struct {
	File  string  `json:"file"`
	Rows  int     `json:"rows"`
	KWh   float64 `json:"kwh"`
	Euros float64 `json:"euros"`
}

type Office struct {
	blocks map[string]*Block
	share  string
	serial atomic.Int64
}

const perKWh = 0.2871

func (o *Office) lines(b *Block, month int, emit func(f Flat, kwh, euros float64) error) error {
	for _, f := range b.Flats {
		kwh := f.Reading[month]
		if month > 0 {
			kwh -= f.Reading[month-1]
		}
		if err := emit(f, kwh, kwh*perKWh); err != nil {
			return err
		}
	}
	return nil
}

// openShare makes a file on the share that the accountants have mounted.
func (o *Office) openShare(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(o.share, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_SYNC, 0o644)
}

func (o *Office) statement(b *Block, month int) (*Statement, error) {
	st := &Statement{File: fmt.Sprintf("%s-%02d-%d.csv", b.Name, month+1, o.serial.Add(1))}
	f, err := o.openShare(st.File)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := csv.NewWriter(f)
	out.Comma = ';'
	err = o.lines(b, month, func(flat Flat, kwh, euros float64) error {
		st.Rows++
		st.KWh += kwh
		st.Euros += euros
		return writeRow(out, flat.Number, flat.Tenant, money(kwh), money(euros))
	})
	return st, err
}

func writeRow(out *csv.Writer, cells ...string) error {
	if err := out.Write(cells); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func money(v float64) string {
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func (o *Office) handleStatement(w http.ResponseWriter, r *http.Request) {
	b, ok := o.blocks[r.PathValue("block")]
	month, err := strconv.Atoi(r.URL.Query().Get("month"))
	if !ok || err != nil || month < 1 || month > 12 {
		http.Error(w, "no such block or month", http.StatusNotFound)
		return
	}
	st, err := o.statement(b, month-1)
	if err != nil {
		log.Print(err)
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(st)
}

func (o *Office) handleFile(w http.ResponseWriter, r *http.Request) {
	f, err := os.Open(filepath.Join(o.share, filepath.Base(r.PathValue("file"))))
	if errors.Is(err, os.ErrNotExist) {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "text/csv")
	io.Copy(w, f)
}

func (o *Office) expire() {
	for range time.Tick(3 * time.Second) {
		entries, _ := os.ReadDir(o.share)
		for _, e := range entries {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > 90*time.Second {
				os.Remove(filepath.Join(o.share, e.Name()))
			}
		}
	}
}

func newBlock(name string, n int) *Block {
	rnd := rand.New(rand.NewSource(int64(n)))
	b := &Block{Name: name}
	for i := 0; i < n; i++ {
		f := Flat{Number: fmt.Sprintf("%d.%02d", 1+i/6, 1+i%6), Tenant: fmt.Sprintf("T-%05d", rnd.Intn(90000))}
		at := rnd.Float64() * 4000
		for m := range f.Reading {
			at += 80 + rnd.Float64()*240
			f.Reading[m] = at
		}
		b.Flats = append(b.Flats, f)
	}
	return b
}

func main() {
	o := &Office{share: "statements", blocks: map[string]*Block{"linden": newBlock("linden", 112), "rowan": newBlock("rowan", 12)}}
	if err := os.MkdirAll(o.share, 0o755); err != nil {
		log.Fatal(err)
	}
	go o.expire()
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("GET /blocks/{block}/statement", o.handleStatement)
	http.HandleFunc("GET /statements/{file}", o.handleFile)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
