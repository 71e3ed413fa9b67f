// Theatre vouchers: a voucher is bought once even if the shop's till sends the order again, and comes as a print sheet.
package main

import (
	"bytes"
	"compress/zlib"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/http"
	"os"
	"sync"
	"time"
)

type Order struct {
	Shop   string `json:"shop"`
	House  string `json:"house"`
	Cents  int    `json:"cents"`
	Giver  string `json:"giver"`
	Wishes string `json:"wishes"`
}

func (o Order) check() error {
	if o.Shop == "" || o.House == "" {
		return errors.New("shop and house are needed")
	}
	if o.Cents < 1000 || o.Cents > 50000 {
		return errors.New("a voucher is worth 10 to 500")
	}
	return nil
}

type Voucher struct {
	Code    string    `json:"code"`
	Cents   int       `json:"cents"`
	Until   time.Time `json:"until"`
	House   string    `json:"house"`
	Preview string    `json:"preview"`
}

// Sheet is a print sheet in grey, one byte a dot.
type Sheet struct {
	W, H int
	Dots []byte
}

func newSheet(w, h int) *Sheet {
	s := &Sheet{W: w, H: h, Dots: make([]byte, w*h)}
	for i := range s.Dots {
		s.Dots[i] = 0xff
	}
	return s
}

func (s *Sheet) border(width int) {
	for y := range s.H {
		for x := range s.W {
			if x < width || y < width || x >= s.W-width || y >= s.H-width {
				s.Dots[y*s.W+x] = byte(64 + 48*math.Sin(float64(x+y)/9))
			}
		}
	}
}

func (s *Sheet) rosette(seed [32]byte) {
	cx, cy := float64(s.W)*0.8, float64(s.H)*0.45
	for turn := range 60000 {
		a := float64(turn) * math.Pi / 6000
		r := 50 + 22*math.Sin(a*float64(5+seed[0]%9)) + 11*math.Cos(a*float64(11+seed[1]%7))
		x, y := int(cx+r*math.Cos(a)), int(cy+r*math.Sin(a))
		if x >= 0 && y >= 0 && x < s.W && y < s.H {
			s.Dots[y*s.W+x] = 0x30
		}
	}
}

func (s *Sheet) bars(code string) {
	for i, c := range []byte(code) {
		for bit := range 8 {
			if c>>bit&1 == 0 {
				continue
			}
			for y := s.H - 60; y < s.H-20; y++ {
				x := 30 + (i*8+bit)*2
				s.Dots[y*s.W+x], s.Dots[y*s.W+x+1] = 0, 0
			}
		}
	}
}

// soften takes the steps out of the lines before the sheet goes to the plate.
func (s *Sheet) soften() {
	out := make([]byte, len(s.Dots))
	copy(out, s.Dots)
	for y := 1; y < s.H-1; y++ {
		for x := 1; x < s.W-1; x++ {
			at, sum := y*s.W+x, 0
			for _, row := range [3]int{at - s.W, at, at + s.W} {
				sum += int(s.Dots[row-1]) + int(s.Dots[row]) + int(s.Dots[row+1])
			}
			out[at] = byte(sum / 9)
		}
	}
	s.Dots = out
}

func (s *Sheet) preview() (string, error) {
	var out bytes.Buffer
	z, err := zlib.NewWriterLevel(&out, zlib.DefaultCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(s.Dots); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// Sale is what is known of one order under its key.
type Sale struct {
	once    sync.Once
	order   Order
	voucher Voucher
	sheet   *Sheet
	err     error
}

func (s *Sale) settle() {
	if s.err = s.order.check(); s.err != nil {
		return
	}
	var raw [9]byte
	if _, s.err = rand.Read(raw[:]); s.err != nil {
		return
	}
	code := hex.EncodeToString(raw[:])
	s.sheet = newSheet(720, 300)
	s.sheet.border(14)
	s.sheet.rosette(sha256.Sum256([]byte(code + s.order.Giver)))
	s.sheet.soften()
	s.sheet.soften()
	s.sheet.bars(code)
	s.voucher = Voucher{Code: code, Cents: s.order.Cents, House: s.order.House, Until: time.Now().AddDate(3, 0, 0)}
	s.voucher.Preview, s.err = s.sheet.preview()
}

type Counter struct {
	mu    sync.Mutex
	sales map[string]*Sale
}

func (c *Counter) sale(key string, o Order) *Sale {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.sales[key]; ok {
		return known
	}
	s := &Sale{order: o}
	c.sales[key] = s
	return s
}

func (c *Counter) handleBuy(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		http.Error(w, "bad order", http.StatusBadRequest)
		return
	}
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		key = rand.Text()
	}
	s := c.sale(key, o)
	s.once.Do(s.settle)
	if s.err != nil {
		http.Error(w, s.err.Error(), http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Idempotency-Key", key)
	if err := json.NewEncoder(w).Encode(s.voucher); err != nil {
		log.Print(err)
	}
}

func (c *Counter) handleSheet(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	s := c.sales[r.PathValue("key")]
	c.mu.Unlock()
	if s == nil || s.sheet == nil {
		http.NotFound(w, r)
		return
	}
	fmt.Fprintf(w, "P5\n%d %d\n255\n", s.sheet.W, s.sheet.H)
	w.Write(s.sheet.Dots)
}

func main() {
	c := &Counter{sales: make(map[string]*Sale)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /vouchers", c.handleBuy)
	mux.HandleFunc("GET /orders/{key}/sheet", c.handleSheet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
