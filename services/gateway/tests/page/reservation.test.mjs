// The script of a reservation's page, in a window that is just large enough for it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SCRIPT = readFileSync(new URL("../../src/http/pages/reservation.js", import.meta.url), "utf8");
const NOON = Date.parse("2026-11-24T12:00:00Z");

const pesos = (amount) => ({ amount, currency: "ARS" });
const HELD = {
  code: "RES261124K7M2QX", status: "pre_reserved", payment_status: "pending", accommodation_name: "Cabaña",
  check_in: "2026-12-10", check_out: "2026-12-13", guests: 2, total: pesos("3000.00"), deposit: pesos("900.00"),
  paid: pesos("0.00"), expires_at: "2026-11-24T12:30:00Z", refund_if_cancelled: pesos("0.00"),
};

class Element {
  constructor(tag) {
    Object.assign(this, { tag, own: "", children: [], attributes: {} });
  }
  set textContent(text) { this.own = text; }
  get textContent() { return [this.own, ...this.children.map((child) => child.textContent)].join("\n"); }
  setAttribute(name, value) { this.attributes[name] = value; }
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  addEventListener(event, work) { this.attributes["on" + event] = work; }
}

class Clock extends Date {
  static at = NOON;
  static now() { return Clock.at; }
}

// A page that is open at noon, whose API answers with what `world.reservation` is at that moment.
async function open(reservation) {
  const main = new Element("main");
  const world = { reservation, planned: undefined };
  Clock.at = NOON;
  const window = {
    Date: Clock, Intl, crypto: globalThis.crypto, encodeURIComponent,
    location: { pathname: "/reservas/" + reservation.code, hash: "#token" },
    document: {
      visibilityState: "visible", createElement: (tag) => new Element(tag),
      querySelector: (selector) => (selector === "main" ? main : undefined),
    },
    fetch: async () => ({ status: 200, json: async () => ({ ...world.reservation }) }),
    setTimeout: (work) => (world.planned = work),
    clearTimeout: () => (world.planned = undefined),
    addEventListener() {},
    confirm: () => true,
  };
  vm.runInNewContext(SCRIPT, window);
  await new Promise(setImmediate);
  return {
    world,
    text: () => main.textContent,
    title: () => main.children[0].textContent.trim(),
    press(name) {
      const pressed = main.children.find(({ tag, own }) => tag === "button" && own === name);
      return pressed.attributes.onclick({ currentTarget: pressed });
    },
    buttons: () => main.children.filter(({ tag }) => tag === "button").map((button) => button.own),
    // The time of the next look has come.
    async looks() {
      const work = world.planned;
      assert.ok(work, "the page has stopped looking");
      world.planned = undefined;
      await work();
      await new Promise(setImmediate);
    },
  };
}

test("nights that are held are paid for or called off", async () => {
  const page = await open(HELD);
  assert.equal(page.title(), "Tus noches están apartadas");
  assert.deepEqual(page.buttons(), ["Pagar la seña", "Cancelar la reserva"]);
  assert.match(page.text(), /Puedes pagar hasta/);
});

test("when the time runs out under an open page it says so, takes the way to pay away and goes on looking", async () => {
  const page = await open(HELD);
  await page.looks();
  assert.equal(page.title(), "Tus noches están apartadas");
  Clock.at = Date.parse(HELD.expires_at);
  await page.looks();
  assert.equal(page.title(), "Estamos verificando si llegó tu pago");
  assert.match(page.text(), /El plazo para pagar terminó[^]*No vuelvas a pagar/);
  assert.deepEqual(page.buttons(), ["Cancelar la reserva"]);
  await page.looks();
  page.world.reservation = { ...HELD, status: "confirmed", payment_status: "paid", paid: pesos("900.00") };
  await page.looks();
  assert.equal(page.title(), "Tu reserva está confirmada");
  assert.equal(page.world.planned, undefined);
});

test("a page that is opened after the time has run out looks again until the hold ends", async () => {
  const page = await open({ ...HELD, expires_at: "2026-11-24T11:55:00Z" });
  assert.equal(page.title(), "Estamos verificando si llegó tu pago");
  assert.deepEqual(page.buttons(), ["Cancelar la reserva"]);
  await page.looks();
  page.world.reservation = { ...HELD, status: "expired" };
  await page.looks();
  assert.equal(page.title(), "El plazo para pagar venció");
  assert.equal(page.world.planned, undefined);
});

test("a hold that lasts longer, because part of its deposit came, can be paid again", async () => {
  const page = await open({ ...HELD, expires_at: "2026-11-24T11:55:00Z" });
  page.world.reservation = { ...HELD, payment_status: "partially_paid", expires_at: "2026-11-25T12:00:00Z" };
  await page.looks();
  assert.match(page.text(), /falta pagar el resto de la seña/);
  assert.deepEqual(page.buttons(), ["Pagar la seña", "Cancelar la reserva"]);
});

test("a payment that comes before the first look is seen by it", async () => {
  const page = await open(HELD);
  page.world.reservation = { ...HELD, status: "confirmed", payment_status: "paid" };
  await page.looks();
  assert.equal(page.title(), "Tu reserva está confirmada");
});

test("a reservation that is called off on the page is not asked about any more", async () => {
  const page = await open(HELD);
  page.world.reservation = { ...HELD, status: "cancelled" };
  await page.press("Cancelar la reserva");
  await new Promise(setImmediate);
  assert.notEqual(page.title(), "Tus noches están apartadas");
  assert.equal(page.world.planned, undefined);
});
