"use strict";

// The token stands behind the # of the address: browsers send that part to nobody, and it is in no log.
const code = location.pathname.split("/").pop();
const token = location.hash.slice(1);
const api = "/api/v1/reservations/" + encodeURIComponent(code);
const main = document.querySelector("main");

const STATES = {
  pre_reserved: ["wait", "Tus noches están apartadas"],
  confirmed: ["good", "Tu reserva está confirmada"],
  cancelled: ["bad", "Esta reserva está cancelada"],
  expired: ["bad", "El plazo para pagar venció"],
  completed: ["good", "Esperamos que hayas disfrutado tu estadía"],
  no_show: ["bad", "Esta reserva figura como no presentada"],
};

// Texts only, never markup: nothing that somebody has typed can run here.
function element(tag, text, attributes) {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
  return made;
}

function show(...parts) {
  main.replaceChildren(...parts.filter(Boolean));
}

function day(date) {
  // A civil day: noon of no zone is the same day everywhere.
  const options = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat("es", options).format(new Date(date + "T12:00:00Z"));
}

function instant(text) {
  return new Intl.DateTimeFormat("es", { weekday: "long", hour: "2-digit", minute: "2-digit" }).format(new Date(text));
}

function money(sum) {
  const [whole, cents] = sum.amount.split(".");
  return sum.currency + " " + whole.replace(/\B(?=(\d{3})+$)/g, ".") + (cents ? "," + cents : "");
}

async function call(path, options) {
  const headers = { authorization: "Bearer " + token, ...(options && options.headers) };
  const response = await fetch(api + path, { ...options, headers, cache: "no-store" });
  const body = await response.json().catch(() => ({}));
  return { status: response.status, body };
}

function post(path, key) {
  const headers = { "content-type": "application/json", "idempotency-key": key };
  return call(path, { method: "POST", headers, body: "{}" });
}

function isHeld(reservation) {
  return reservation.status === "pre_reserved";
}

// The time to pay is over, and the house still asks the provider whether money came.
function isOverdue(reservation) {
  return isHeld(reservation) && reservation.expires_at && Date.parse(reservation.expires_at) <= Date.now();
}

function facts(reservation) {
  const list = element("dl");
  const rows = [
    ["Alojamiento", reservation.accommodation_name],
    ["Entrada", day(reservation.check_in)],
    ["Salida", day(reservation.check_out)],
    ["Huéspedes", String(reservation.guests)],
    ["Total", money(reservation.total)],
    ["Pagado", money(reservation.paid)],
  ];
  if (isHeld(reservation)) rows.push(["Seña para confirmar", money(reservation.deposit)]);
  if (isHeld(reservation) && reservation.expires_at) {
    rows.push([isOverdue(reservation) ? "El plazo terminó" : "Puedes pagar hasta", instant(reservation.expires_at)]);
  }
  for (const [name, value] of rows) list.append(element("dt", name), element("dd", value));
  return list;
}

function codeOf(reservation) {
  const line = element("p", "", { class: "code" });
  line.append(element("span", "Código de tu reserva"), element("strong", reservation.code));
  return line;
}

// One key for each wish: pressing again, or after a lost answer, does the same thing once.
function button(text, busyText, wish, attributes) {
  const made = element("button", text, { type: "button", ...attributes });
  const key = crypto.randomUUID ? crypto.randomUUID() : Array.from(crypto.getRandomValues(new Uint32Array(4))).join("-");
  made.addEventListener("click", async () => {
    made.disabled = true;
    made.textContent = busyText;
    try {
      await wish(key);
    } catch (_) {
      problem("No hay conexión en este momento. Vuelve a intentarlo.");
    }
    made.disabled = false;
    made.textContent = text;
  });
  return made;
}

function problem(text) {
  const known = document.querySelector("[role=alert]");
  if (known) known.remove();
  main.append(element("p", text, { role: "alert", class: "bad" }));
}

async function pay(key) {
  const { status, body } = await post("/payment-link", key);
  if (status === 200 && /^https?:\/\//.test(body.url)) return location.assign(body.url);
  if (status === 503) return problem("El enlace de pago todavía no está listo. Inténtalo de nuevo en unos segundos.");
  await load();
  problem("Ahora no se puede pagar esta reserva. Arriba ves cómo quedó.");
}

async function cancel(reservation, key) {
  const back = reservation.refund_if_cancelled;
  const paid = Number(reservation.paid.amount) > 0;
  const refund = paid ? " Te devolvemos " + money(back) + " de lo que pagaste." : "";
  if (!confirm("¿Cancelar la reserva " + reservation.code + "?" + refund)) return;
  const { status } = await post("/cancel", key);
  await load();
  if (status !== 200) problem("No se pudo cancelar. Si la estadía ya empezó, escríbenos por favor.");
}

function render(reservation) {
  const overdue = isOverdue(reservation);
  const [tone, title] = overdue
    ? ["wait", "Estamos verificando si llegó tu pago"]
    : STATES[reservation.status] || ["wait", "Tu reserva"];
  const live = isHeld(reservation) && !overdue;
  const partly = reservation.payment_status === "partially_paid";
  document.title = title;
  show(
    element("h1", title, { class: tone }),
    live && element("p", partly
      ? "Recibimos una parte. Para confirmar falta pagar el resto de la seña."
      : "Se confirma cuando pagas la seña. Si ya pagaste, la confirmación suele tardar menos de un minuto."),
    overdue && element("p",
      "El plazo para pagar terminó, y estamos consultando a Mercado Pago si pagaste a tiempo. Suele tardar unos minutos; "
      + "si tu pago está en proceso, hasta dos días. No vuelvas a pagar: esta página se actualiza sola."),
    reservation.status === "expired" && element("p",
      "Las noches quedaron libres. Si pagaste igual, te las devolvemos si siguen libres o te devolvemos el dinero."),
    reservation.status === "cancelled" && Number(reservation.paid.amount) > 0 && element("p",
      "Si te corresponde una devolución, llega por el mismo medio con el que pagaste."),
    facts(reservation),
    live && button("Pagar la seña", "Un momento…", pay),
    reservation.refund_if_cancelled &&
      button("Cancelar la reserva", "Cancelando…", (key) => cancel(reservation, key), { class: "quiet" }),
    codeOf(reservation),
  );
}

let shown;

// What the page was drawn from, as far as it can change by itself.
function stateOf(reservation) {
  return [reservation.status, reservation.payment_status, reservation.expires_at, isOverdue(reservation)].join(" ");
}

// Someone who comes back from paying sees the confirmation come, and someone who waits sees the time run out.
function draw(reservation) {
  shown = stateOf(reservation);
  render(reservation);
  clearTimeout(nextLook);
  if (isHeld(reservation)) lookAgain();
}

async function load() {
  const { status, body } = await call("");
  if (status === 200) return draw(body);
  show(
    element("h1", status === 404 || status === 401 ? "No encontramos esta reserva" : "Ahora no podemos mostrar tu reserva"),
    element("p", status === 404 || status === 401
      ? "Abre el enlace completo de tu reserva: sin su última parte no podemos saber que la reserva es tuya."
      : "Vuelve a intentarlo en unos minutos. Tu reserva está a salvo."),
  );
}

let nextLook;
// One look is planned at a time, however often the page was drawn anew.
function lookAgain() {
  clearTimeout(nextLook);
  nextLook = setTimeout(refresh, 5000);
}

async function refresh() {
  if (document.visibilityState === "visible") {
    const before = shown;
    const { status, body } = await call("").catch(() => ({}));
    // Whatever was drawn meanwhile is newer, and has planned its own look.
    if (shown !== before) return;
    if (status === 200 && stateOf(body) !== shown) return draw(body);
  }
  lookAgain();
}

// Another link opened over this page changes only what stands behind the #.
addEventListener("hashchange", () => location.reload());
load().catch(() => show(element("h1", "No hay conexión"), element("p", "Vuelve a abrir esta página en un momento.")));
