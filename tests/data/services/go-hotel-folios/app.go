// Hotel front desk: at checkout a guest's folio is made up and sent to the accounting house.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

var (
	rates  = map[byte]float64{'1': 82, '2': 95, '3': 124, '4': 188}
	extras = map[string]float64{"parking": 14, "breakfast": 19.5, "crib": 8, "late": 30, "dog": 12}
)

const terms = "Payable at checkout. Prices include tourist tax and service. Objections within fourteen days. "

type Stay struct {
	Room   string   `json:"room"`
	Nights int      `json:"nights"`
	Extras []string `json:"extras"`
}

type Line struct {
	Day    int     `json:"day"`
	Text   string  `json:"text"`
	Amount float64 `json:"amount"`
	VAT    float64 `json:"vat"`
	Terms  string  `json:"terms"`
}

type Folio struct {
	Number int     `json:"number"`
	Room   string  `json:"room"`
	Lines  []Line  `json:"lines"`
	Total  float64 `json:"total"`
	Scan   []byte  `json:"registration_form"`
}

type Receipt struct {
	Folio   int       `json:"folio"`
	Total   float64   `json:"total"`
	Booking int       `json:"booking"`
	At      time.Time `json:"at"`
}

func (s Stay) check() error {
	if len(s.Room) != 3 || rates[s.Room[0]] == 0 {
		return errors.New("no such room")
	}
	if s.Nights < 1 || s.Nights > 60 {
		return errors.New("1 to 60 nights")
	}
	for _, x := range s.Extras {
		if extras[x] == 0 {
			return fmt.Errorf("no extra %q", x)
		}
	}
	return nil
}

func makeUp(number int, s Stay, forms Forms) Folio {
	f := Folio{Number: number, Room: s.Room, Scan: forms.Of(s.Room)}
	add := func(day int, text string, amount, rate float64) {
		f.Lines = append(f.Lines, Line{Day: day, Text: text, Amount: amount, VAT: amount - amount/(1+rate), Terms: terms})
		f.Total += amount
	}
	for day := 1; day <= s.Nights; day++ {
		add(day, "room "+s.Room, rates[s.Room[0]], 0.09)
		for _, x := range s.Extras {
			add(day, x, extras[x], 0.21)
		}
	}
	return f
}

// Forms are the registration forms that guests sign on arrival, scanned.
type Forms struct{}

func (Forms) Of(room string) []byte {
	scan := make([]byte, 84<<10)
	for i := range scan {
		scan[i] = room[i%len(room)] ^ byte(i*7)
	}
	return scan
}

// Accounts is the accounting house.
type Accounts struct {
	base   string
	key    []byte
	client *http.Client
}

func (a *Accounts) Book(ctx context.Context, f Folio) (int, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.base+"/folios", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := WithSignature(a.client, a.key).Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	var answer struct {
		Booking int  `json:"booking"`
		Signed  bool `json:"signed"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return 0, err
	}
	if !answer.Signed {
		return 0, errors.New("signature was not seen")
	}
	return answer.Booking, nil
}

type Desk struct {
	accounts *Accounts
	forms    Forms

	mu       sync.Mutex
	receipts map[int]Receipt
}

func (d *Desk) checkout(w http.ResponseWriter, r *http.Request) {
	var stay Stay
	if err := json.NewDecoder(r.Body).Decode(&stay); err != nil {
		http.Error(w, "not a stay", http.StatusBadRequest)
		return
	}
	if err := stay.check(); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	number, _ := strconv.Atoi(r.PathValue("folio"))
	folio := makeUp(number, stay, d.forms)
	booking, err := d.accounts.Book(r.Context(), folio)
	if err != nil {
		log.Print(err)
		http.Error(w, "accounting does not answer", http.StatusBadGateway)
		return
	}
	receipt := Receipt{Folio: number, Total: folio.Total, Booking: booking, At: time.Now().UTC()}
	d.mu.Lock()
	d.receipts[number] = receipt
	d.mu.Unlock()
	reply(w, receipt)
}

func (d *Desk) receipt(w http.ResponseWriter, r *http.Request) {
	number, _ := strconv.Atoi(r.PathValue("folio"))
	d.mu.Lock()
	receipt, ok := d.receipts[number]
	d.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	reply(w, receipt)
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func main() {
	accounts := &Accounts{
		base:   "http://127.0.0.1:" + os.Getenv("UPSTREAM_PORT"),
		key:    []byte("front-desk-7"),
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
	}
	desk := &Desk{accounts: accounts, receipts: map[int]Receipt{}}
	http.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("POST /folios/{folio}/checkout", desk.checkout)
	http.HandleFunc("GET /folios/{folio}/receipt", desk.receipt)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
