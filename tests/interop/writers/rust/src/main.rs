// Downloads files of a model with hf-hub: writer REPO FILE...
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let api = hf_hub::api::sync::ApiBuilder::from_env().with_progress(false).build().expect("api");
    let repo = api.model(words[0].clone());
    for file in &words[1..] {
        println!("{}", repo.get(file).expect("download").display());
    }
}
