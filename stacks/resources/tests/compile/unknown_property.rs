use como_resources::ec2::Vpc;

fn main() {
    let _ = Vpc { cidr: Some("10.0.0.0/16".into()), ..Vpc::new() };
}
