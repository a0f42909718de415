//! HTML of the pages: no script, nothing from another host.

use crate::stripe::state::Session;

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#667085;--line:#d0d5dd;--card:#fff;--page:#f4f5f7;--accent:#3d3a8c;--bad:#b42318}
@media (prefers-color-scheme:dark){:root{--ink:#f2f4f7;--dim:#98a2b3;--line:#475467;--card:#1d2939;--page:#101828;--accent:#8e8bea;--bad:#f97066}}
*{box-sizing:border-box}body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:27rem;margin:6vh auto;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
h1{font-size:1.1rem;margin:0 0 .25rem}.sum{font-size:2rem;font-weight:600;margin:.25rem 0 1rem}
table{width:100%;border-collapse:collapse;margin-bottom:1.25rem;color:var(--dim)}td{padding:.25rem 0}td:last-child{text-align:right;white-space:nowrap;padding-left:1rem;vertical-align:top}
label{display:block;font-size:.875rem;margin-bottom:.75rem}input{display:block;width:100%;font:inherit;padding:.6rem .75rem;margin-top:.25rem;
border:1px solid var(--line);border-radius:.4rem;background:transparent;color:inherit}.row{display:grid;grid-template-columns:1fr 1fr;gap:.75rem}
button{width:100%;font:inherit;font-weight:600;padding:.75rem;border:0;border-radius:.4rem;background:var(--accent);color:var(--card);cursor:pointer}
button.plain{background:transparent;color:var(--ink);border:1px solid var(--line);margin-top:.75rem}
.bad{color:var(--bad);border:1px solid var(--bad);border-radius:.4rem;padding:.6rem .75rem;margin:0 0 1rem}
.test{font-size:.8rem;color:var(--dim)}a{color:var(--accent)}code{font-size:.8rem;white-space:nowrap}";

pub(super) fn checkout(session: &Session, error: Option<&str>) -> String {
    let lines: String = session
        .lines
        .iter()
        .map(|line| {
            let amount = amount(&session.currency, line.unit_amount.saturating_mul(line.quantity));
            format!("<tr><td>{} × {}</td><td>{amount}</td></tr>", line.quantity, escaped(&line.name))
        })
        .collect();
    let error = error.map_or(String::new(), |error| format!("<p class=\"bad\" role=\"alert\">{}</p>", escaped(error)));
    let cancel = session.cancel_url.as_deref().map_or(String::new(), |url| {
        format!("<p><a href=\"{}\" id=\"cancel\">Cancel and go back</a></p>", escaped(url))
    });
    let total = amount(&session.currency, session.amount_total());
    let body = format!(
        "<h1>Pay by card</h1><p class=\"sum\">{total}</p><table>{lines}</table>{error}\
         <form method=\"post\"><label>Card number<input name=\"number\" inputmode=\"numeric\" autocomplete=\"off\" \
         placeholder=\"4242 4242 4242 4242\" required autofocus></label><div class=\"row\"><label>Expires\
         <input name=\"expiry\" placeholder=\"12 / 34\" autocomplete=\"off\"></label><label>CVC\
         <input name=\"cvc\" inputmode=\"numeric\" placeholder=\"123\" autocomplete=\"off\"></label></div>\
         <button id=\"pay\">Pay {total}</button></form>{cancel}\
         <p class=\"test\">A double of Stripe: only test cards work. <code>4242 4242 4242 4242</code> pays, \
         <code>4000 0000 0000 0002</code> is declined, <code>4000 0027 6000 3184</code> asks the bank.</p>"
    );
    document("Pay by card", &body)
}

pub(super) fn bank(session: &Session) -> String {
    let total = amount(&session.currency, session.amount_total());
    let action = format!("/c/pay/{}/bank", escaped(&session.id));
    let body = format!(
        "<h1>Your bank asks</h1><p class=\"sum\">{total}</p><p>Is this payment yours?</p><form method=\"post\" \
         action=\"{action}\"><button name=\"answer\" value=\"complete\" id=\"complete\">Yes, it is mine</button>\
         <button class=\"plain\" name=\"answer\" value=\"fail\" id=\"fail\">No</button></form>"
    );
    document("Your bank asks", &body)
}

pub(super) fn note(title: &str, text: &str) -> String {
    document(title, &format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(text)))
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>",
        escaped(title)
    )
}

/// Currencies without a smaller unit are written as they are. <https://docs.stripe.com/currencies#zero-decimal>
fn amount(currency: &str, minor: i64) -> String {
    let code = currency.to_uppercase();
    match code.as_str() {
        "JPY" | "KRW" | "VND" => format!("{code} {minor}"),
        _ => format!("{code} {}.{:02}", minor / 100, minor % 100),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
