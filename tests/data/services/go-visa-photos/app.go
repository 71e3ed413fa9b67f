// Visa office: the applicant's photograph is judged by the biometrics service before an appointment is given.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/valyala/fasthttp"
)

type Application struct {
	Number  string `json:"number"`
	Country string `json:"country"`
	Photo   string `json:"photo"`
	Born    string `json:"born"`
}

type Verdict struct {
	Face    float64 `json:"face"`
	Glare   float64 `json:"glare"`
	Tilt    float64 `json:"tilt"`
	Engine  string  `json:"engine"`
	Problem string  `json:"problem,omitempty"`
}

func (v Verdict) acceptable() bool {
	return v.Face >= 0.8 && v.Glare < 0.3 && v.Tilt < 12 && v.Problem == ""
}

// Biometrics is the client of the service that all offices share.
type Biometrics struct {
	host *fasthttp.HostClient
}

func NewBiometrics(addr string) *Biometrics {
	return &Biometrics{host: &fasthttp.HostClient{
		Addr:                addr,
		Name:                "visa-office",
		MaxConns:            3,
		MaxConnWaitTimeout:  8 * time.Second,
		MaxIdleConnDuration: time.Minute,
		ReadTimeout:         4 * time.Second,
		WriteTimeout:        2 * time.Second,
	}}
}

func (b *Biometrics) post(path string, in, out any) error {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)

	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req.SetRequestURI("http://" + b.host.Addr + path)
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/json")
	req.SetBody(body)
	if err := b.host.Do(req, resp); err != nil {
		return fmt.Errorf("biometrics %s: %w", path, err)
	}
	if code := resp.StatusCode(); code != fasthttp.StatusOK {
		return fmt.Errorf("biometrics %s: status %d", path, code)
	}
	return json.Unmarshal(resp.Body(), out)
}

func (b *Biometrics) Judge(photo string) (Verdict, error) {
	var v Verdict
	err := b.post("/judge", map[string]string{"photo": photo, "profile": "icao"}, &v)
	return v, err
}

type Diary struct {
	mu    sync.Mutex
	taken map[string]int
}

func (d *Diary) next(country string) (time.Time, int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken[country]++
	n := d.taken[country]
	day := time.Now().Truncate(24*time.Hour).AddDate(0, 0, 2+n/96)
	return day.Add(8*time.Hour + time.Duration(n%96)*5*time.Minute), n
}

type Office struct {
	biometrics *Biometrics
	diary      *Diary
}

func (a Application) check() error {
	if len(a.Number) < 6 || strings.ToUpper(a.Number) != a.Number {
		return errors.New("application number is not valid")
	}
	born, err := time.Parse(time.DateOnly, a.Born)
	if err != nil || born.After(time.Now()) {
		return errors.New("date of birth is not valid")
	}
	if a.Photo == "" {
		return errors.New("photo is missing")
	}
	return nil
}

func (o *Office) Appointment(c *fiber.Ctx) error {
	var a Application
	if err := c.BodyParser(&a); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "application cannot be read")
	}
	if err := a.check(); err != nil {
		return fiber.NewError(fiber.StatusUnprocessableEntity, err.Error())
	}
	verdict, err := o.biometrics.Judge(a.Photo)
	if err != nil {
		log.Print(err)
		return fiber.NewError(fiber.StatusBadGateway, "the photo cannot be judged now")
	}
	if !verdict.acceptable() {
		return c.JSON(fiber.Map{"number": a.Number, "photo": verdict, "appointment": nil})
	}
	at, queue := o.diary.next(a.Country)
	return c.JSON(fiber.Map{"number": a.Number, "photo": verdict, "appointment": at, "queue": queue})
}

func (o *Office) Load(c *fiber.Ctx) error {
	o.diary.mu.Lock()
	defer o.diary.mu.Unlock()
	return c.JSON(o.diary.taken)
}

func main() {
	office := &Office{
		biometrics: NewBiometrics("127.0.0.1:" + os.Getenv("UPSTREAM_PORT")),
		diary:      &Diary{taken: make(map[string]int)},
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, BodyLimit: 1 << 20})
	app.Use(recover.New())
	app.Get("/healthz", func(c *fiber.Ctx) error { return c.SendString("ok") })
	app.Post("/appointments", office.Appointment)
	app.Get("/load", office.Load)
	log.Fatal(app.Listen("127.0.0.1:" + os.Getenv("PORT")))
}
