use como_resources::ecs::{Service, service::LaunchType};

fn main() {
    let _ = Service { launch_type: Some(LaunchType::Fargaet.into()), ..Service::new() };
}
