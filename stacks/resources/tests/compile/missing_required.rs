use como_resources::ec2::Subnet;

fn main() {
    let _ = Subnet { cidr_block: Some("10.0.0.0/24".into()), ..Subnet::new() };
}
