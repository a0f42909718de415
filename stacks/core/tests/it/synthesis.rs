use crate::support::{Bucket, Topic, stack};
use como_core::app::App;
use como_core::resource::{Options, RemovalPolicy};
use como_core::template::{Condition, Parameter};
use como_core::value::{Pseudo, Value};

/// Two stacks: the second reads a named output, an unnamed attribute and a parameter of the first.
fn app() -> App {
    let mut network = stack("network");
    let mut scope = network.scope();
    let stage = scope.parameter("Stage", Parameter::required_string(None));
    let live = scope.condition("Live", Condition::Equals(stage.clone(), "live".into()));
    let topic = scope.child("Alarms").add("Topic", Topic::called(Value::pseudo(Pseudo::Region)));
    scope.add("Files", Bucket {});
    scope.add_with("Scratch", &Bucket {}, Options { removal: Some(RemovalPolicy::Delete), ..Options::default() });
    scope.output("AlarmTopic", "where alarms go", &topic.reference());

    let mut api = stack("api");
    let mut scope = api.scope();
    let name = Value::join("-", [topic.reference(), "x".into(), topic.get(Topic::TOPIC_NAME)]);
    let first = scope.add("First", Topic::called(name));
    scope.add("Second", Topic::called(Value::substitute("${Name}.${AWS::Region}", [("Name", stage)])));
    let third = Topic::called(Value::join("", [Value::from("a"), "b".into()]));
    scope.add_with("Third", &third, Options { depends_on: vec![first.dependency()], ..Options::default() });

    let mut other = stack("other");
    other.follow(&api);
    other.scope().add("Only", Topic { display_name: Some(Value::from("plain")) });
    let chosen = live.choose(&Value::from("yes"), &Value::from("no"));
    network.scope().add("Chosen", Topic::called(chosen));

    let mut app = App::new();
    app.add(other);
    app.add(api);
    app.add(network);
    app
}

#[test]
fn references_across_stacks_become_parameters_and_outputs() {
    let assembly = app().synthesise().unwrap();
    let names: Vec<&str> = assembly.stacks.iter().map(|stack| stack.name.as_str()).collect();
    assert_eq!(names, ["como-test-network", "como-test-api", "como-test-other"]);
    insta::assert_json_snapshot!("network", assembly.stack("como-test-network").unwrap().template);
    insta::assert_json_snapshot!("api", assembly.stack("como-test-api").unwrap().template);
    insta::assert_json_snapshot!("api_bindings", assembly.stack("como-test-api").unwrap().bindings);
}

#[test]
fn two_syntheses_are_byte_identical() {
    assert_eq!(app().synthesise().unwrap().files().unwrap(), app().synthesise().unwrap().files().unwrap());
}

#[test]
fn every_mistake_is_reported_at_once() {
    let mut first = stack("first");
    let mut second = stack("second");
    let lost = stack("lost").scope().add("Topic", Topic::called("x"));
    let mut scope = first.scope();
    scope.add("Same", Topic::called("x"));
    scope.add("Same", Topic::called("y"));
    scope.add("Lost", Topic::called(lost.reference()));
    let here = scope.add("Here", Topic::called("z"));
    scope.output("Twice", "one", &Value::from("1"));
    scope.output("Twice", "two", &Value::from("2"));
    let waits = Options { depends_on: vec![here.dependency()], ..Options::default() };
    second.scope().add_with("Waits", &Topic::called("x"), waits);
    let mut app = App::new();
    app.add(first);
    app.add(second);
    let mistakes: Vec<String> = app.synthesise().unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(mistakes.join("\n"));
}

#[test]
fn what_another_assembly_deploys_is_read_by_its_outputs_only() {
    let build = |gives: bool| {
        let mut deployed = stack("network");
        let topic = deployed.scope().add("Topic", Topic::called("x"));
        if gives {
            deployed.scope().share("TopicArn", "where alarms go", &topic.reference());
        }
        let mut own = stack("api");
        own.scope().add("Reader", Topic::called(topic.reference()));
        own.follow(&deployed);
        let mut app = App::new();
        app.add(own);
        app.add_deployed(deployed);
        app.add_deployed(stack("unread"));
        app.synthesise()
    };
    let assembly = build(true).unwrap();
    assert_eq!(assembly.stacks.len(), 1);
    let api = &assembly.stacks[0];
    assert_eq!(api.dependencies, Vec::<String>::new());
    let binding = &api.bindings["ComoTestNetworkTopicArn"];
    assert_eq!((binding.stack.as_str(), binding.output.as_str()), ("como-test-network", "TopicArn"));
    let deployed: Vec<(&str, &str)> =
        assembly.deployed.iter().map(|stack| (stack.name.as_str(), stack.region.as_str())).collect();
    assert_eq!(deployed, [("como-test-network", "ap-southeast-1")]);
    let mistakes = build(false).unwrap_err();
    assert!(mistakes[0].problem.ends_with("in como-test-network, which gives it away by no output"), "{mistakes:?}");
}

#[test]
fn a_closed_stack_is_the_same_whoever_reads_it() {
    let mut shared = stack("shared");
    let topic = shared.scope().add("Topic", Topic::called("x"));
    shared.scope().share("TopicArn", "where alarms go", &topic.reference());
    shared.close();
    let mut own = stack("api");
    own.scope().add("Reader", Topic::called(topic.reference()));
    own.scope().add("Nosy", Topic::called(topic.get(Topic::TOPIC_NAME)));
    let mut app = App::new();
    app.add(own);
    app.add(shared);
    let mistakes: Vec<String> = app.synthesise().unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].contains("reads TopicName"), "{mistakes:?}");
}

#[test]
fn cycles_are_named_by_construct_path() {
    let mut one = stack("one");
    let mut scope = one.scope();
    // A handle of the same path in a stack of the same name refers forward.
    let forward = stack("one").scope().child("Group").add("Later", Topic::called("x"));
    let early = scope.add("Early", Topic::called(forward.reference()));
    scope.child("Group").add("Later", Topic::called(early.reference()));
    let mut app = App::new();
    app.add(one);
    let mistakes = app.synthesise().unwrap_err();
    assert_eq!(mistakes[0].problem, "circular dependency: Early -> Group/Later -> Early");

    let mut left = stack("left");
    let mut right = stack("right");
    right.follow(&left);
    left.follow(&right);
    let mut app = App::new();
    app.add(left);
    app.add(right);
    let mistakes = app.synthesise().unwrap_err();
    assert_eq!(mistakes[0].problem, "circular dependency: como-test-left -> como-test-right -> como-test-left");
}
