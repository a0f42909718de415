//! From the proposal to today, to the cent.

use crate::support::{PROPOSAL, current, dev, of_2021, prod, read};
use como_cost::bridge::{Bridge, Step, bridge};
use como_cost::estimate::Missing;
use como_cost::money::Usd;
use como_cost::proposal::proposed;

fn of(index: usize, place: &crate::support::Place) -> Bridge {
    let places = read("proposal-2021", PROPOSAL);
    let then = proposed(&places[index].subject(), &of_2021(), Missing::Refused).unwrap();
    bridge(&then, &place.estimate(&current()), &current())
}

#[test]
fn every_step_and_the_whole_sum_to_the_cent() {
    for (index, place, from) in [(0, prod(), "351.98"), (1, dev(), "114.08")] {
        let bridge = of(index, &place);
        assert_eq!(bridge.from.to_string(), from);
        assert_eq!(bridge.to, place.estimate(&current()).total);
        assert_eq!(bridge.from + bridge.price + bridge.quantity + bridge.new + bridge.dropped, bridge.to);
        for step in &bridge.steps {
            assert_eq!(step.from + step.price + step.quantity + step.new + step.dropped, step.to, "{}", step.title);
        }
        assert_eq!(bridge.steps.iter().map(|step| step.from).sum::<Usd>(), bridge.from);
        assert_eq!(bridge.steps.iter().map(|step| step.to).sum::<Usd>(), bridge.to);
        let numbered = bridge.steps.iter().filter(|step| step.number.is_some()).count();
        assert_eq!(numbered, if index == 0 { 16 } else { 12 }, "no line of the proposal is lost");
    }
}

#[test]
fn price_quantity_new_and_dropped_are_told_apart() {
    let bridge = of(0, &prod());
    let step = |number: &str| -> Step {
        bridge.steps.iter().find(|step| step.number.as_deref() == Some(number)).unwrap().clone()
    };
    let shown =
        |step: &Step| [step.price, step.quantity, step.new, step.dropped].map(|amount| amount.to_string()).join(" ");
    assert_eq!(shown(&step("P09")), "-9.00 0.00 0.00 0.00", "advanced security of 300 members fell from 0.05 to 0.02");
    assert_eq!(shown(&step("P03")), "0.00 0.00 0.00 -44.53", "DAX is off today");
    assert_eq!(step("P04").price.to_string(), "0.00", "NAT gateways cost what they cost");
    let address = bridge.steps.iter().find(|step| step.service.id() == "public-ipv4").unwrap();
    assert_eq!((address.number.clone(), shown(address)), (None, "0.00 0.00 7.30 0.00".to_owned()));
}
