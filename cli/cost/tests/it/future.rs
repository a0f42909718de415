//! Years, choices, recovery, units.

use crate::support::{PRODUCTION, Place, current, dev, one, prod, sydney};
use como_config::{Posture, Scenario, UsageKey};
use como_cost::estimate::Missing;
use como_cost::figures::Figures;
use como_cost::money::Usd;
use como_cost::options::choices;
use como_cost::recovery::{Recovery, StandIn, recovery};
use como_cost::units::units;
use como_cost::years::{Projection, project};
use rust_decimal::Decimal;

fn projected(place: &Place, scenario: Scenario) -> Projection {
    let figures = Figures::new(&place.file, place.environment.usage(), scenario);
    project(&place.subject(), &figures, &current(), Missing::Refused, 5).unwrap()
}

#[test]
fn the_first_year_is_twelve_of_todays_months_and_later_ones_grow() {
    let place = prod();
    let month = place.estimate(&current()).total;
    let projection = projected(&place, Scenario::Expected);
    assert_eq!(projection.years[0].month, month);
    assert_eq!(projection.years[0].total, month.times(12));
    assert!(projection.years.windows(2).all(|pair| pair[0].month < pair[1].month), "{projection:#?}");
    for year in &projection.years {
        assert_eq!(year.fixed + year.linear + year.stepped, year.month, "year {}", year.year);
    }
    let fixed = projection.years[0].fixed;
    assert!(projection.years.iter().all(|year| year.fixed == fixed), "what is fixed stays");
    let totals: Vec<u32> = projection.totals.iter().map(|total| total.years).collect();
    assert_eq!(totals, [1, 3, 5]);
    let five: Usd = projection.years.iter().map(|year| year.total).sum();
    assert_eq!(projection.totals[2].total, five);
}

#[test]
fn keys_that_rotate_and_tasks_that_are_full_come_in_steps() {
    let projection = projected(&prod(), Scenario::Expected);
    let stepped: Vec<String> = projection.years.iter().map(|year| year.stepped.to_string()).collect();
    // Five keys of prod rotate once a year; the first two rotations cost a dollar a month each.
    assert_eq!(stepped, ["0.00", "5.00", "10.00", "10.00", "10.00"]);
    // A task that bears a tenth of today's requests: in the first year two more are needed, and more every year.
    let weak = "task_requests_per_day: { low: 1000, expected: 1000, high: 1000,";
    let usual = "task_requests_per_day: { low: 25000, expected: 50000, high: 100000,";
    assert!(PRODUCTION.contains(usual));
    let projection = projected(&one("prod", &PRODUCTION.replace(usual, weak)), Scenario::Expected);
    let more: Vec<&str> = projection.years.iter().map(|year| year.more_tasks.as_str()).collect();
    assert_eq!(more, ["2", "5", "8", "12", "17"]);
}

#[test]
fn low_is_never_above_expected_nor_that_above_high() {
    for place in [prod(), dev(), sydney(Posture::PilotLight)] {
        let [low, expected, high] = Scenario::ALL.map(|scenario| projected(&place, scenario));
        for ((low, expected), high) in low.years.iter().zip(&expected.years).zip(&high.years) {
            assert!(low.month <= expected.month && expected.month <= high.month, "{} {}", place.file, low.year);
        }
    }
}

#[test]
fn each_choice_says_what_it_saves_and_what_is_given_up() {
    let place = prod();
    let figures = place.figures();
    let choices = choices(&place.subject(), &figures, &current(), Missing::Refused).unwrap();
    let saves = |id: &str| choices.iter().find(|choice| choice.id == id).unwrap().saves.to_string();
    assert_eq!(saves("one-nat-gateway"), "46.72", "a gateway's and an address's 730 hours");
    assert_eq!(saves("arm"), "18.14");
    assert_eq!(saves("1y-no-upfront"), "18.13", "a fifth of Fargate's 90.67");
    assert!(choices.iter().all(|choice| !choice.gives_up.is_empty()));
    assert!(choices.iter().all(|choice| choice.id != "no-dax"), "there is no cache to do without");
    let plans = choices.iter().filter(|choice| choice.id.ends_with("upfront"));
    assert!(plans.into_iter().all(|choice| !choice.assumptions.is_empty()), "us-east-1's discounts are assumed here");
}

fn recovered(posture: Posture) -> Recovery {
    let [cold, pilot_light, warm] = Posture::ALL.map(sydney);
    let primary = prod();
    let stand_in = StandIn {
        postures: [cold.subject(), pilot_light.subject(), warm.subject()],
        primary: primary.subject(),
        posture,
    };
    recovery(&stand_in, Scenario::Expected, &current(), Missing::Refused).unwrap()
}

#[test]
fn warmer_postures_cost_more_and_drills_less() {
    let recovery = recovered(Posture::PilotLight);
    let months: Vec<Usd> = recovery.postures.iter().map(|posture| posture.month).collect();
    assert!(months.is_sorted(), "{months:?}");
    let chosen: Vec<&str> =
        recovery.postures.iter().filter(|posture| posture.is_chosen).map(|posture| posture.posture).collect();
    assert_eq!(chosen, ["pilot-light"]);
    assert!(recovered(Posture::Warm).drill.cost < recovery.drill.cost);
    assert!(recovery.failed_over.is_sorted_by_key(|failed_over| failed_over.cost));
    let month = &recovery.failed_over[2];
    assert!(Decimal::from(200) < month.cost.get() && month.cost.get() < Decimal::from(400), "{month:?}");
    assert!(!recovery.copies.is_zero());
}

#[test]
fn nothing_probes_the_stand_in_at_a_higher_price_than_its_own() {
    for posture in Posture::ALL {
        let recovery = recovered(posture);
        assert!(!recovery.probes_are_dearer_than_the_stand_in, "{recovery:#?}");
    }
}

#[test]
fn a_canary_every_minute_costs_more_than_the_stand_in_and_is_found() {
    let [cold, mut pilot_light, warm] = Posture::ALL.map(sydney);
    let resources = pilot_light.assembly.stacks.iter_mut().flat_map(|stack| stack.template.resources.values_mut());
    let parameter = resources.into_iter().find(|resource| resource.resource_type == "AWS::SSM::Parameter").unwrap();
    parameter.resource_type = "AWS::Synthetics::Canary".to_owned();
    parameter.properties = serde_json::json!({ "Schedule": { "Expression": "rate(1 minute)" } });
    let primary = prod();
    let stand_in = StandIn {
        postures: [cold.subject(), pilot_light.subject(), warm.subject()],
        primary: primary.subject(),
        posture: Posture::PilotLight,
    };
    let recovery = recovery(&stand_in, Scenario::Expected, &current(), Missing::Refused).unwrap();
    assert_eq!(recovery.probes.to_string(), "74.46", "43,800 runs at 0.0017");
    assert!(recovery.probes_are_dearer_than_the_stand_in);
}

#[test]
fn unit_costs_divide_the_whole() {
    let place = prod();
    let estimate = place.estimate(&current());
    let units = units(&estimate, &place.figures());
    assert_eq!(units.fixed + units.variable, estimate.total);
    let booking = units.costs.iter().find(|cost| cost.of == "booking").unwrap();
    let bookings = place.figures().amount(UsageKey::Bookings).unwrap();
    assert_eq!(booking.whole, (estimate.total.get() / bookings).round_dp(4).normalize().to_string());
    let kinds: Vec<&str> = units.costs.iter().map(|cost| cost.of).collect();
    assert_eq!(kinds, ["booking", "thousand requests", "member"]);
}
